package dev.winnow.core.model;

import dev.winnow.spi.Activation;
import dev.winnow.spi.RopeStyle;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an architecture adds to the common transformer, as data (recipes: llama.cpp, src/models). What is optional per file is found in the file itself. */
enum Architecture {
    LLAMA("llama", RopeStyle.NORM, Activation.SILU),
    MISTRAL3("mistral3", RopeStyle.NORM, Activation.SILU),
    SMOLLM3("smollm3", RopeStyle.NORM, Activation.SILU),
    GEMMA("gemma", RopeStyle.NEOX, Activation.GELU_TANH),
    GEMMA2("gemma2", RopeStyle.NEOX, Activation.GELU_TANH),
    GEMMA3("gemma3", RopeStyle.NEOX, Activation.GELU_TANH),
    QWEN2("qwen2", RopeStyle.NEOX, Activation.SILU),
    QWEN3("qwen3", RopeStyle.NEOX, Activation.SILU),
    QWEN3MOE("qwen3moe", RopeStyle.NEOX, Activation.SILU),
    PHI3("phi3", RopeStyle.NEOX, Activation.SILU),
    GPT_OSS("gpt-oss", RopeStyle.NEOX, Activation.SWIGLU_OAI);

    private final String id;
    private final RopeStyle ropeStyle;
    private final Activation activation;

    Architecture(String id, RopeStyle ropeStyle, Activation activation) {
        this.id = id;
        this.ropeStyle = ropeStyle;
        this.activation = activation;
    }

    static Optional<Architecture> of(String id) {
        return Arrays.stream(values()).filter(architecture -> architecture.id.equals(id)).findFirst();
    }

    static String known() {
        return Arrays.stream(values()).map(architecture -> architecture.id).sorted().collect(Collectors.joining(", "));
    }

    RopeStyle ropeStyle() {
        return ropeStyle;
    }

    Activation activation() {
        return activation;
    }

    boolean isGemma() {
        return this == GEMMA || this == GEMMA2 || this == GEMMA3;
    }

    /** Whether the outputs of attention and feed-forward are normed before the residual sum. */
    boolean hasPostNorms() {
        return this == GEMMA2 || this == GEMMA3;
    }

    /** Whether queries and keys are normed per head. */
    boolean hasQueryKeyNorm() {
        return this == GEMMA3 || this == QWEN3 || this == QWEN3MOE;
    }

    /** Whether each head has a learned logit that joins the softmax denominator. */
    boolean hasSinks() {
        return this == GPT_OSS;
    }

    /** The name of the norm before the feed-forward network; gpt-oss calls it by its place after the attention. */
    String feedForwardNorm() {
        return this == GPT_OSS ? "post_attention_norm" : "ffn_norm";
    }

    /** Whether a layer has rotary positions: SmolLM3 leaves them out in every fourth layer. */
    boolean hasRope(int layer) {
        return this != SMOLLM3 || (layer + 1) % 4 != 0;
    }

    /** Every how many layers one layer is without the sliding window; 0 if the architecture has no window. */
    int windowPeriod() {
        return switch (this) {
            case GEMMA2, GPT_OSS -> 2;
            case GEMMA3 -> 6;
            default -> 0;
        };
    }

    /** The number of layers of the 27B model, whose attention scale is 1/√(embedding/heads); 0 if there is no such model. */
    int layersOf27B() {
        return switch (this) {
            case GEMMA2 -> 46;
            case GEMMA3 -> 62;
            default -> 0;
        };
    }
}
