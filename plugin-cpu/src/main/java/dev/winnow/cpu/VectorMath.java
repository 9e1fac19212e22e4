package dev.winnow.cpu;

/**
 * The exponential function of the kernels, 2^x, as a polynomial. With n the integer nearest to x and f = x − n in −½…½, 2^x = 2^n · 2^f, and 2^n is added to
 * the exponent bits of a polynomial in f. The polynomial has degree 6 and is exact at f = 0, so that 2^n is exact; its relative error is at most 2.2e-8 by
 * construction (Remez exchange) and 8e-8 with the rounding of its evaluation.
 *
 * <p>Kernels repeat the vector form inline, because a method that returns a vector costs an allocation wherever the compiler declines to inline it. The scalar
 * form here takes the same steps with the same roundings, so that an element does not depend on whether it falls into a vector or into a tail.
 */
final class VectorMath {

    static final float LOG2_E = 1.442695f;

    /** 1.5 · 2^23: the sum of this number and a small x has the integer nearest to x in its lowest bits. */
    static final float ROUND = 12_582_912;

    /** Below, 2^x has no normal float. */
    static final float EXP2_MIN = -126;

    /** Above, 2^x is not finite. */
    static final float EXP2_MAX = 127;

    static final float EXP2_1 = 0.69314724f;
    static final float EXP2_2 = 0.24022652f;
    static final float EXP2_3 = 0.055503104f;
    static final float EXP2_4 = 0.009617693f;
    static final float EXP2_5 = 0.0013406643f;
    static final float EXP2_6 = 0.00015594678f;

    static final int EXPONENT_SHIFT = 23;

    private VectorMath() {}

    /** Returns 2^x for x from {@link #EXP2_MIN} to {@link #EXP2_MAX}. */
    static float exp2(float x) {
        float rounded = x + ROUND;
        float f = x - (rounded - ROUND);
        float p = Math.fma(EXP2_6, f, EXP2_5);
        p = Math.fma(p, f, EXP2_4);
        p = Math.fma(p, f, EXP2_3);
        p = Math.fma(p, f, EXP2_2);
        p = Math.fma(p, f, EXP2_1);
        p = Math.fma(p, f, 1);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT));
    }

    /** Returns 2^x for x of at most 0, and 0 where that is below the normal floats; 2^−∞ is 0. */
    static float exp2OrZero(float x) {
        return x < EXP2_MIN ? 0 : exp2(x);
    }
}
