package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.ONE;
import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q4_0 and Q4_1. A quant is not converted to a float: its bits become the upper bits of a mantissa and the exponent of 1 is put before them, which
 * makes 1 + q/16. The four bits below them, the low nibble of the same byte, make 1 + q/256, so that one turn of a word serves two quants; the activations of
 * the second are multiplied by 16. What that is too much, and the zero point 8, is the same for every quant of a block, so the sums of activations in
 * {@link ActivationOrder#NIBBLES} take it off. The second quant costs four bits of the 24 that a float has: an error of 2^−20 of its activation, where a
 * rounding to eight bits makes one of 2^−8.
 *
 * <p>AVX2 has no rotation: C2 makes three instructions of one, where a shift does.
 */
public final class FourBitRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final boolean WIDE = LANES == 16;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    private static final IntVector UPPER = IntVector.broadcast(INTS, 15 << 19);
    private static final IntVector LOWER = IntVector.broadcast(INTS, 15 << 15);

    /** The factor from sums of (1 + q/16)·x times scales to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float SCALE = 16 * (Halves.BIAS / ActivationOrder.FACTOR);

    private static final float MIN_SCALE = Halves.BIAS / ActivationOrder.FACTOR;

    private static final int Q4_0_BYTES = 18;
    private static final ShortVector Q4_0_WORDS = BlockWords.pickShorts(9, 1, 2, false, 4);
    private static final ShortVector Q4_0_SCALES = BlockWords.pickShorts(9, 0, 0, true, 4);

    private static final IntVector Q4_0_NARROW_SCALES = BlockWords.wordOfBlock(Q4_0_BYTES, 0);
    private static final IntVector Q4_0_TO_TOP = BlockWords.shiftToTop(Q4_0_BYTES, 0);

    private static final int Q4_1_BYTES = 20;
    private static final IntVector Q4_1_WORDS = BlockWords.pickInts(5, 1, 1, 4);
    private static final IntVector Q4_1_SCALES = BlockWords.pickInts(5, 0, 0, 4);
    private static final IntVector Q4_1_NARROW_SCALES = BlockWords.wordOfBlock(Q4_1_BYTES, 0);

    private FourBitRows() {}

    public static void q4_0(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * Q4_0_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = Math.min(start + (long) part * WORD_BLOCKS * Q4_0_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words;
                IntVector scales;
                if (LANES == 16) {
                    ShortVector load = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at, LITTLE_ENDIAN);
                    ShortVector second = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at + 8, LITTLE_ENDIAN);
                    words = Q4_0_WORDS.selectFrom(load, second).reinterpretAsInts();
                    scales = Q4_0_SCALES.selectFrom(load).reinterpretAsInts();
                } else {
                    words = IntVector.fromMemorySegment(INTS, memory, at + 2, LITTLE_ENDIAN);
                    if (LANES == 8) {
                        words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                    }
                    scales = Q4_0_NARROW_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                            .lanewise(VectorOperators.LSHL, Q4_0_TO_TOP);
                }
                FloatVector upper = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector lower = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector turned = WIDE
                            ? words.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31)
                            : 8 * step <= 15
                                    ? words.lanewise(VectorOperators.LSHL, 15 - 8 * step)
                                    : words.lanewise(VectorOperators.LSHR, 8 * step - 15);
                    upper = turned.and(UPPER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), upper);
                    lower = turned.and(LOWER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), lower);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = upper.add(lower).fma(scale, sum);
            }
            sum.mul(SCALE).intoArray(sums, row * LANES);
        }
    }

    public static void q4_1(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * Q4_1_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector minSum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = Math.min(start + (long) part * WORD_BLOCKS * Q4_1_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words;
                IntVector scales;
                if (LANES == 16) {
                    IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                    IntVector second = IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN);
                    words = Q4_1_WORDS.selectFrom(load, second);
                    scales = Q4_1_SCALES.selectFrom(load);
                } else {
                    words = IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN);
                    if (LANES == 8) {
                        words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 8, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                    }
                    scales = Q4_1_NARROW_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN));
                }
                FloatVector upper = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector lower = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector turned = WIDE
                            ? words.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31)
                            : 8 * step <= 15
                                    ? words.lanewise(VectorOperators.LSHL, 15 - 8 * step)
                                    : words.lanewise(VectorOperators.LSHR, 8 * step - 15);
                    upper = turned.and(UPPER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), upper);
                    lower = turned.and(LOWER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), lower);
                }
                FloatVector scale = scales.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3)
                        .and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = upper.add(lower).fma(scale, sum);
                FloatVector min = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                minSum = min.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), minSum);
            }
            sum.mul(SCALE).add(minSum.mul(MIN_SCALE)).intoArray(sums, row * LANES);
        }
    }
}
