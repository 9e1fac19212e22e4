package dev.winnow.spi;

/** The gate function of a gated feed-forward network: {@code f(gate) · up}. */
public enum Activation {
    /** {@code x / (1 + e^−x)}; the gated form is SwiGLU. */
    SILU,
    /** {@code 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))}, the tanh form of GELU; the gated form is GeGLU. */
    GELU_TANH,
    /** gpt-oss: {@code g/(1+e^(−1.702 g)) · (u+1)} with g clamped to at most 7 and u to −7…7. */
    SWIGLU_OAI
}
