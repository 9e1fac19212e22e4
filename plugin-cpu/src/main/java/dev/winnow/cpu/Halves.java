package dev.winnow.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F16 to F32 with integer operations, since the Vector API has no conversion for them. The bits of an F16 are moved to where an F32 has sign, exponent and
 * mantissa; the exponent's bias is then off by 127 − 15 = 112, which a multiplication by 2^112 mends exactly, for subnormal numbers too. Infinity and NaN,
 * which no weight of a working model is, become numbers of 65536 and more.
 */
final class Halves {

    /** The sign and the 15 bits below the three that the arithmetic shift has filled with copies of it. */
    static final int BITS = 0x8fffe000;

    /** Mends the bias of the exponent. */
    static final float BIAS = 0x1p112f;

    private Halves() {}

    /** Converts the F16 in the upper 16 bits of each lane; the lower bits may be anything. */
    static FloatVector toFloats(IntVector upperHalves) {
        return upperHalves.lanewise(VectorOperators.ASHR, 3).and(BITS).reinterpretAsFloats().mul(BIAS);
    }
}
