package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of IQ4_NL, IQ4_XS and MXFP4 with vectors of 512 bits. Nibbles are numbers of {@link Levels}: a permutation replaces the nibble in each lane by its level,
 * a float.
 *
 * <p>The three kernels repeat the same products, because a method of theirs that returns a vector is not always inlined; see {@link BlockWords}.
 */
public final class WideLevelRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    /** The factor from sums of levels times activations to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float UNIT = 1 / ActivationOrder.FACTOR;

    private static final int IQ4_NL_BYTES = 18;
    private static final ShortVector IQ4_NL_WORDS = BlockWords.pickShorts(9, 1, 2, false, 4);
    private static final ShortVector IQ4_NL_SCALES = BlockWords.pickShorts(9, 0, 0, true, 4);

    // Half a block of IQ4_XS has four scales: the four lower bits, and elsewhere the two upper bits of each, are neighbours of those of the next.
    private static final IntVector LOW_BITS = IntVector.zero(INTS).addIndex(4).and(12);
    private static final IntVector HIGH_BITS = IntVector.zero(INTS).addIndex(2).and(6);

    /** The scale of each lane: four words share one. */
    private static final IntVector QUADS = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 2);

    private static final int MXFP4_BYTES = 17;
    private static final IntVector MXFP4_SCALES = BlockWords.wordOfBlock(MXFP4_BYTES, 0);
    private static final IntVector MXFP4_SHIFT = IntVector.zero(INTS).addIndex(2).and(24);

    private WideLevelRows() {}

    public static void iq4_nl(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * IQ4_NL_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = (start + Math.min((long) part * WORD_BLOCKS * IQ4_NL_BYTES, last)) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                ShortVector load = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at, LITTLE_ENDIAN);
                ShortVector second = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at + 8, LITTLE_ENDIAN);
                IntVector words = IQ4_NL_WORDS.selectFrom(load, second).reinterpretAsInts();
                IntVector scales = IQ4_NL_SCALES.selectFrom(load).reinterpretAsInts();
                FloatVector low = FloatVector.zero(FLOATS);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = words.lanewise(VectorOperators.LSHR, 8 * step).selectFrom(Levels.NON_LINEAR_FLOATS).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = words.lanewise(VectorOperators.LSHR, 8 * step + 4).selectFrom(Levels.NON_LINEAR_FLOATS).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
            }
            sum.mul(Halves.BIAS * UNIT).intoArray(sums, row * LANES);
        }
    }

    public static void iq4_xs(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 136L) & VectorSupport.ADDRESSES;
                long header = memory.get(WeightBytes.LONG, at);
                FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) header));
                for (int half = 0; half < 2; half++) {
                    IntVector sixBits = IntVector.broadcast(INTS, (int) (header >>> 32 + 16 * half))
                            .lanewise(VectorOperators.LSHR, LOW_BITS)
                            .and(15).or(IntVector.broadcast(INTS, (int) (header >>> 16 + 8 * half))
                                    .lanewise(VectorOperators.LSHR, HIGH_BITS).and(3).lanewise(VectorOperators.LSHL, 4));
                    IntVector scales = ((FloatVector) sixBits.sub(32).convert(VectorOperators.I2F, 0)).mul(scale).reinterpretAsInts();
                    long xAt = (xFirst + (long) (block * 2 + half) * PART_BYTES) & VectorSupport.ADDRESSES;
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 8 + half * VECTOR_BYTES, LITTLE_ENDIAN);
                    FloatVector low = FloatVector.zero(FLOATS);
                    FloatVector high = FloatVector.zero(FLOATS);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + step * 2 * VECTOR_BYTES;
                        low = words.lanewise(VectorOperators.LSHR, 8 * step).selectFrom(Levels.NON_LINEAR_FLOATS)
                                .reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                        high = words.lanewise(VectorOperators.LSHR, 8 * step + 4).selectFrom(Levels.NON_LINEAR_FLOATS)
                                .reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN),
                                        high);
                    }
                    sum = low.add(high).fma(QUADS.selectFrom(scales).reinterpretAsFloats(), sum);
                }
            }
            sum.mul(UNIT).intoArray(sums, row * LANES);
        }
    }

    /** Scales are powers of two of 8 bits. The two smallest, 2^−127 and half of it in units of the levels, are not normal floats and become 0. */
    public static void mxfp4(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * MXFP4_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = (start + Math.min((long) part * WORD_BLOCKS * MXFP4_BYTES, last)) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 1, LITTLE_ENDIAN)
                        .blend(IntVector.fromMemorySegment(INTS, memory, at + 2, LITTLE_ENDIAN), BlockWords.FROM_SECOND)
                        .blend(IntVector.fromMemorySegment(INTS, memory, at + 3, LITTLE_ENDIAN), BlockWords.FROM_THIRD)
                        .blend(IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN), BlockWords.FROM_FOURTH);
                IntVector exponents = MXFP4_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHR, MXFP4_SHIFT).and(255).sub(1).max(0);
                FloatVector low = FloatVector.zero(FLOATS);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = words.lanewise(VectorOperators.LSHR, 8 * step).selectFrom(Levels.E2M1_FLOATS).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = words.lanewise(VectorOperators.LSHR, 8 * step + 4).selectFrom(Levels.E2M1_FLOATS).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = exponents.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
                sum = low.add(high).mul(UNIT).fma(scale, sum);
            }
            sum.intoArray(sums, row * LANES);
        }
    }
}
