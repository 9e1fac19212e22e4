package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Decodes rows of F16. */
final class RowDecoder {

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final boolean WIDE = LANES >= 8;

    /** As many shorts as there are floats in a vector. */
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
            WIDE ? VectorShape.forBitSize(16 * LANES) : VectorShape.S_64_BIT);

    private RowDecoder() {}

    /**
     * Converts F16 to F32 by moving exponent and mantissa into place and multiplying by 2^112, the difference of the exponent biases; subnormal numbers come out
     * right because the multiplication normalises them. Infinities and NaN, which no sound weight or key is, become large numbers.
     */
    static void halves(MemorySegment memory, long at, int elements, float[] target, int out) {
        int i = 0;
        for (; WIDE && i <= elements - LANES; i += LANES) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * i, LITTLE_ENDIAN)
                    .convertShape(VectorOperators.S2I, INTS, 0);
            bits.lanewise(VectorOperators.LSHL, 13).and(0x8FFFE000).reinterpretAsFloats().mul(0x1p112f).intoArray(target, out + i);
        }
        for (; i < elements; i++) {
            target[out + i] = WeightBytes.half(memory, at + 2L * i);
        }
    }
}
