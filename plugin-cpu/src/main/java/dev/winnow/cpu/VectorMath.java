package dev.winnow.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions over vectors. Small static methods without loops, which C2 inlines into the loops of their callers.
 */
final class VectorMath {

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f; // 9 bits, so that products with whole numbers up to 2^15 are exact
    private static final float LN2_LOW = -2.12194440e-4f;

    /** Adding this rounds to a whole number and leaves that number in the low bits of the sum. */
    private static final float ROUND = 12582912f; // 1.5 · 2^23

    private static final float LEAST = -87f; // e^−87 is the smallest power that is a normal float
    private static final float MOST = 88f;

    private VectorMath() {}

    /**
     * e^x, with a relative error below 2e-7 between −87 and 88, outside of which the argument is clamped. Cephes' expf: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and a
     * polynomial of degree 6 for e^r.
     */
    static FloatVector exp(FloatVector argument) {
        FloatVector x = argument.max(LEAST).min(MOST);
        FloatVector rounded = x.fma(FloatVector.broadcast(VectorSupport.FLOATS, LOG2_E),
                FloatVector.broadcast(VectorSupport.FLOATS, ROUND));
        FloatVector n = rounded.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(VectorSupport.FLOATS, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(VectorSupport.FLOATS, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(VectorSupport.FLOATS, 1.9875691500e-4f);
        p = p.fma(r, FloatVector.broadcast(VectorSupport.FLOATS, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(VectorSupport.FLOATS, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(VectorSupport.FLOATS, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(VectorSupport.FLOATS, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(VectorSupport.FLOATS, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1);
        // The exponent field of p grows by n.
        return p.reinterpretAsInts().add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    }

    /** tanh x = 1 − 2 / (e^2x + 1), with an absolute error below 2e-7. */
    static FloatVector tanh(FloatVector x) {
        FloatVector power = exp(x.add(x));
        return FloatVector.broadcast(VectorSupport.FLOATS, 1).sub(FloatVector.broadcast(VectorSupport.FLOATS, 2).div(power.add(1)));
    }
}
