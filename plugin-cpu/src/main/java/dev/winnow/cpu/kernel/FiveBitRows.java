package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.NIBBLES;
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
 * Rows of Q5_0 and Q5_1, as those of {@link FourBitRows}: the fifth bits first join the nibbles in bytes, and a quant becomes 1 + q/32. The four fifth bits of
 * a lane are neighbours; a multiplication spreads them to four bytes as in {@link BlockStrips}. AVX2 has no rotation: C2 makes three instructions of one, where
 * a shift does.
 */
public final class FiveBitRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final boolean WIDE = LANES == 16;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    private static final int QUANT = 31 << 18;

    /** Word w of a block holds elements 4w … 4w + 3, whose fifth bits begin at bit 4w. */
    private static final IntVector FIRST_BITS = IntVector.zero(INTS).addIndex(4).and(15);

    /** Bits 0 … 3 go to bit 4 of four bytes. */
    private static final int SPREAD = 0x02040810;
    private static final int FIFTHS = 0x10101010;

    /** The factor from sums of (1 + q/32)·x times scales to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float SCALE = 32 * (Halves.BIAS / ActivationOrder.FACTOR);

    private static final float MIN_SCALE = Halves.BIAS / ActivationOrder.FACTOR;

    private static final int Q5_0_BYTES = 22;
    private static final ShortVector Q5_0_WORDS = BlockWords.pickShorts(11, 3, 2, false, 12);
    private static final ShortVector Q5_0_FIFTHS = BlockWords.pickShorts(11, 1, 0, false, 12);
    private static final ShortVector Q5_0_SCALES = BlockWords.pickShorts(11, 0, 0, true, 12);

    private static final int Q5_1_BYTES = 24;
    private static final IntVector Q5_1_WORDS = BlockWords.pickInts(6, 2, 1, 8);
    private static final IntVector Q5_1_FIFTHS = BlockWords.pickInts(6, 1, 0, 8);
    private static final IntVector Q5_1_SCALES = BlockWords.pickInts(6, 0, 0, 8);
    private static final IntVector Q5_1_NARROW_FIFTHS = BlockWords.wordOfBlock(Q5_1_BYTES, 4);
    private static final IntVector Q5_1_NARROW_SCALES = BlockWords.wordOfBlock(Q5_1_BYTES, 0);

    private FiveBitRows() {}

    public static void q5_0(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * Q5_0_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = Math.min(start + (long) part * WORD_BLOCKS * Q5_0_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words;
                IntVector fifths;
                IntVector scales;
                if (LANES == 16) {
                    ShortVector load = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at, LITTLE_ENDIAN);
                    ShortVector second = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at + 24, LITTLE_ENDIAN);
                    words = Q5_0_WORDS.selectFrom(load, second).reinterpretAsInts();
                    fifths = Q5_0_FIFTHS.selectFrom(load, second).reinterpretAsInts();
                    scales = Q5_0_SCALES.selectFrom(load, second).reinterpretAsInts();
                } else {
                    words = IntVector.fromMemorySegment(INTS, memory, at + 6, LITTLE_ENDIAN);
                    fifths = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 2));
                    scales = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at));
                    if (LANES == 8) {
                        words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 12, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                        fifths = fifths.blend(IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 24)), BlockWords.FROM_SECOND);
                        scales = scales.blend(IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 22)), BlockWords.FROM_SECOND);
                    }
                    scales = scales.lanewise(VectorOperators.LSHL, 16);
                }
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector ofLow = WIDE
                            ? lows.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31)
                            : 8 * step <= 18
                                    ? lows.lanewise(VectorOperators.LSHL, 18 - 8 * step)
                                    : lows.lanewise(VectorOperators.LSHR, 8 * step - 18);
                    IntVector ofHigh = WIDE
                            ? highs.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31)
                            : 8 * step <= 18
                                    ? highs.lanewise(VectorOperators.LSHL, 18 - 8 * step)
                                    : highs.lanewise(VectorOperators.LSHR, 8 * step - 18);
                    low = ofLow.and(QUANT).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ofHigh.and(QUANT).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
            }
            sum.mul(SCALE).intoArray(sums, row * LANES);
        }
    }

    public static void q5_1(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        int parts = ActivationOrder.parts(columns / 32);
        long last = (long) (columns / 32 - WORD_BLOCKS) * Q5_1_BYTES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector minSum = FloatVector.zero(FLOATS);
            for (int part = 0; part < parts; part++) {
                long at = Math.min(start + (long) part * WORD_BLOCKS * Q5_1_BYTES, start + last) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) part * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector words;
                IntVector fifths;
                IntVector scales;
                if (LANES == 16) {
                    IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                    IntVector second = IntVector.fromMemorySegment(INTS, memory, at + 32, LITTLE_ENDIAN);
                    words = Q5_1_WORDS.selectFrom(load, second);
                    fifths = Q5_1_FIFTHS.selectFrom(load, second);
                    scales = Q5_1_SCALES.selectFrom(load, second);
                } else {
                    words = IntVector.fromMemorySegment(INTS, memory, at + 8, LITTLE_ENDIAN);
                    if (LANES == 8) {
                        words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                    }
                    IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                    fifths = Q5_1_NARROW_FIFTHS.selectFrom(load);
                    scales = Q5_1_NARROW_SCALES.selectFrom(load);
                }
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector ofLow = WIDE
                            ? lows.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31)
                            : 8 * step <= 18
                                    ? lows.lanewise(VectorOperators.LSHL, 18 - 8 * step)
                                    : lows.lanewise(VectorOperators.LSHR, 8 * step - 18);
                    IntVector ofHigh = WIDE
                            ? highs.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31)
                            : 8 * step <= 18
                                    ? highs.lanewise(VectorOperators.LSHL, 18 - 8 * step)
                                    : highs.lanewise(VectorOperators.LSHR, 8 * step - 18);
                    low = ofLow.and(QUANT).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ofHigh.and(QUANT).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3)
                        .and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
                FloatVector min = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                minSum = min.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), minSum);
            }
            sum.mul(SCALE).add(minSum.mul(MIN_SCALE)).intoArray(sums, row * LANES);
        }
    }
}
