package dev.winnow.cpu.kernel;

/**
 * The exponential function of the kernels, 2^x, as a polynomial. With n the integer nearest to x and f = x − n in −½…½, 2^x = 2^n · 2^f, and 2^n is added to
 * the exponent bits of a polynomial in f. The polynomial has degree 6 and is exact at f = 0, so that 2^n is exact; its relative error is at most 2.2e-8 by
 * construction (Remez exchange) and below 1e-7 with the rounding of its evaluation.
 *
 * <p>Kernels repeat the vector form inline, because a method that returns a vector costs an allocation wherever the compiler declines to inline it. The scalar
 * forms here take the same steps with the same roundings, so that an element does not depend on whether it falls into a vector or into a tail.
 */
public final class VectorMath {

    static final float LOG2_E = 1.442695f;

    /** What {@link #LOG2_E} lacks of log2 e. */
    static final float LOG2_E_REST = 1.9259630e-8f;

    /** 1.5 · 2^23: the sum of this number and a small x has the integer nearest to x in its lowest bits. */
    static final float ROUND = 12_582_912;

    /** Below, 2^x has no normal float. */
    static final float EXP2_MIN = -126;

    static final float EXP2_1 = 0.69314724f;
    static final float EXP2_2 = 0.24022652f;
    static final float EXP2_3 = 0.055503104f;
    static final float EXP2_4 = 0.009617693f;
    static final float EXP2_5 = 0.0013406643f;
    static final float EXP2_6 = 0.00015594678f;

    static final int EXPONENT_SHIFT = 23;

    /** The bits of 1. */
    static final int ONE_BITS = 0x3f800000;

    /** Arguments of e^x are kept within ±87, where e^x is a normal float. */
    static final float EXP_LIMIT = 87;

    /** tanh x is ±1 in F32 from |x| = 9.1 on. */
    static final float TANH_LIMIT = 10;

    private VectorMath() {}

    /** Returns 2^x for x of at most 0, and 0 where that is below the normal floats; 2^−∞ is 0. */
    public static float exp2OrZero(float x) {
        if (x < EXP2_MIN) {
            return 0;
        }
        float rounded = x + ROUND;
        return exp2(rounded, x - (rounded - ROUND));
    }

    /** Returns e^x for |x| up to {@link #EXP_LIMIT}, and for x beyond as at the limit; the relative error is below 1.5e-7. */
    static float exp(float x) {
        float z = x > EXP_LIMIT ? EXP_LIMIT : x < -EXP_LIMIT ? -EXP_LIMIT : x;
        float rounded = Math.fma(z, LOG2_E, ROUND);
        float f = Math.fma(z, LOG2_E, -(rounded - ROUND));
        return exp2(rounded, Math.fma(z, LOG2_E_REST, f));
    }

    /**
     * Returns tanh x = (e^2x − 1) / (e^2x + 1). The numerator is 2^n · (2^f − 1) + (2^n − 1), which keeps the relative error below 4e-7 where e^2x is close to 1.
     */
    static float tanh(float x) {
        float z = x > TANH_LIMIT ? TANH_LIMIT : x < -TANH_LIMIT ? -TANH_LIMIT : x;
        float y = z * (2 * LOG2_E);
        float rounded = y + ROUND;
        float f = y - (rounded - ROUND);
        float scale = Float.intBitsToFloat(ONE_BITS + (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT));
        float numerator = Math.fma(scale, exp2Minus1(f), scale - 1);
        return numerator / (numerator + 2);
    }

    private static float exp2(float rounded, float f) {
        float p = exp2Minus1Factor(f);
        p = Math.fma(p, f, 1);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT));
    }

    private static float exp2Minus1(float f) {
        return exp2Minus1Factor(f) * f;
    }

    /** Returns (2^f − 1) / f. */
    private static float exp2Minus1Factor(float f) {
        float p = Math.fma(EXP2_6, f, EXP2_5);
        p = Math.fma(p, f, EXP2_4);
        p = Math.fma(p, f, EXP2_3);
        p = Math.fma(p, f, EXP2_2);
        return Math.fma(p, f, EXP2_1);
    }
}
