package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * F16 to F32 with integer operations, since the Vector API has no conversion for them, and without a subnormal float on the way, which would cost the CPU a
 * hundred cycles.
 *
 * <p>The 15 bits of the magnitude are moved to where an F32 has exponent and mantissa, and 96 is added to the exponent. For a normal number that is
 * x = 2^−16·|value|, as the biases 127 and 15 differ by 112. A subnormal number, whose exponent field is 0, has got a leading 1 and half the unit of its
 * mantissa: 2x − 2^−30 is right. This is the smaller of both exactly if x is below 2^−30, so it needs no mask: {@code min(x, 2x − 2^−30)}, as integers, whose
 * order is that of positive floats. With the F16 in the upper 16 bits of each lane of {@code halves}, and anything in the lower:
 * <pre>{@code
 * IntVector bits = halves.lanewise(LSHR, 3).and(MAGNITUDE).or(EXPONENT);
 * IntVector subnormal = bits.reinterpretAsFloats().fma(TWO, MINUS_SMALLEST_NORMAL).reinterpretAsInts();
 * FloatVector scaled = bits.min(subnormal).or(halves.and(SIGN)).reinterpretAsFloats(); // value / UNIT
 * }</pre>
 * Where an occasional subnormal number may cost its hundred cycles, three operations do, for normal and subnormal numbers alike:
 * {@code halves.lanewise(ASHR, 3).and(SIGN_AND_MAGNITUDE).reinterpretAsFloats()} is the value divided by {@link #BIAS}.
 *
 * <p>Kernels repeat these lines: as a method they are not always inlined, and then every vector is allocated. Infinity and NaN, which no weight of a working model is, become numbers of 65536 and more.
 */
final class Halves {

    /** What the result is to be multiplied by. */
    static final float UNIT = 0x1p16f;

    static final int MAGNITUDE = 0x0fffe000;
    static final int SIGN = 0x80000000;
    static final int EXPONENT = 96 << 23;
    static final int SIGN_AND_MAGNITUDE = SIGN | MAGNITUDE;

    /** What the result of the short form is to be multiplied by. */
    static final float BIAS = 0x1p112f;

    static final FloatVector TWO = FloatVector.broadcast(VectorSupport.FLOATS, 2);
    static final FloatVector MINUS_SMALLEST_NORMAL = FloatVector.broadcast(VectorSupport.FLOATS, -0x1p-30f);

    private Halves() {}
}
