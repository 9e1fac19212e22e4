package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.NIBBLES;
import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of IQ4_NL, IQ4_XS and MXFP4 with vectors of 128 and 256 bits, which do not hold the 16 floats of {@link Levels}: all nibbles of a word become bytes at
 * once, and a byte is converted where it stands, as in {@link NarrowBlockRows}. The zero point is 16, or 128 where levels need eight bits: then the byte at the top
 * would set the sign of the word, so its zero point is taken off there; sums of {@link ActivationOrder#BLOCKS} take off all others.
 *
 * <p>The three kernels repeat the same products, because a method of theirs that returns a vector is not always inlined; see {@link BlockWords}.
 */
public final class NarrowLevelRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    /** The bit that makes b − 128 of b at the top of a word. */
    private static final int SIGN = 0x80000000;

    /** The factor from sums of levels times activations to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float UNIT = 1 / ActivationOrder.FACTOR;

    private static final int IQ4_NL_BYTES = 18;
    private static final IntVector IQ4_NL_SCALES = BlockWords.wordOfBlock(IQ4_NL_BYTES, 0);
    private static final IntVector IQ4_NL_TO_TOP = BlockWords.shiftToTop(IQ4_NL_BYTES, 0);

    /** Vectors of words of half a block of IQ4_XS. */
    private static final int HALF_PARTS = 16 / LANES;

    // Half a block of IQ4_XS has four scales: the four lower bits, and elsewhere the two upper bits of each, are neighbours of those of the next.
    private static final IntVector LOW_BITS = IntVector.zero(INTS).addIndex(4).and(12);
    private static final IntVector HIGH_BITS = IntVector.zero(INTS).addIndex(2).and(6);

    /** The scale of each lane of the first vector of words: four words share one. */
    private static final IntVector QUADS = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 2);

    private static final int MXFP4_BYTES = 17;
    private static final IntVector MXFP4_SCALES = BlockWords.wordOfBlock(MXFP4_BYTES, 0);
    private static final IntVector MXFP4_SHIFT = IntVector.zero(INTS).addIndex(2).and(24);

    private NarrowLevelRows() {}

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
                long at = Math.min(start + (long) part * WORD_BLOCKS * IQ4_NL_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 2, LITTLE_ENDIAN);
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                }
                IntVector scales = IQ4_NL_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHL, IQ4_NL_TO_TOP);
                IntVector lows = words.and(NIBBLES).reinterpretAsBytes().selectFrom(Levels.NON_LINEAR_BYTES).reinterpretAsInts()
                        .lanewise(VectorOperators.XOR, SIGN);
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).reinterpretAsBytes()
                        .selectFrom(Levels.NON_LINEAR_BYTES).reinterpretAsInts().lanewise(VectorOperators.XOR, SIGN);
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) lows.and(255 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(255 << 8 * step).convert(VectorOperators.I2F, 0))
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
                    for (int part = 0; part < HALF_PARTS; part++) {
                        int place = half * HALF_PARTS + part;
                        long xAt = (xFirst + (long) (block * 2 * HALF_PARTS + place) * PART_BYTES) & VectorSupport.ADDRESSES;
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 8 + place * VECTOR_BYTES, LITTLE_ENDIAN);
                        IntVector lows = words.and(NIBBLES).reinterpretAsBytes().selectFrom(Levels.NON_LINEAR_BYTES)
                                .reinterpretAsInts().lanewise(VectorOperators.XOR, SIGN);
                        IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).reinterpretAsBytes()
                                .selectFrom(Levels.NON_LINEAR_BYTES).reinterpretAsInts().lanewise(VectorOperators.XOR, SIGN);
                        FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                        FloatVector high = FloatVector.zero(FLOATS);
                        for (int step = 0; step < 4; step++) {
                            long vector = xAt + step * 2 * VECTOR_BYTES;
                            low = ((FloatVector) lows.and(255 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                            high = ((FloatVector) highs.and(255 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                        }
                        IntVector group = QUADS.add(part * LANES / 4);
                        sum = low.add(high).fma(group.selectFrom(scales).reinterpretAsFloats(), sum);
                    }
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
                long at = Math.min(start + (long) part * WORD_BLOCKS * MXFP4_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 1, LITTLE_ENDIAN);
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 2, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                }
                IntVector exponents = MXFP4_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHR, MXFP4_SHIFT).and(255).sub(1).max(0);
                IntVector lows = words.and(NIBBLES).reinterpretAsBytes().selectFrom(Levels.E2M1_SMALL_BYTES).reinterpretAsInts();
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).reinterpretAsBytes()
                        .selectFrom(Levels.E2M1_SMALL_BYTES).reinterpretAsInts();
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = low;
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) lows.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = exponents.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
                sum = low.add(high).mul(UNIT).fma(scale, sum);
            }
            sum.intoArray(sums, row * LANES);
        }
    }
}
