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
 * Rows of Q4_0, Q4_1, Q5_0 and Q5_1 with vectors of 512 bits. A quant is not converted to a float: its bits become the upper bits of a mantissa and the exponent
 * of 1 is put before them, for which C2 finds a single instruction. Of four bits that makes 1 + q/16. The four bits below them, the low nibble of the same
 * byte, make 1 + q/256, so that one rotation of a word serves two quants; the activations of the second are multiplied by 16. What that is too much, and the zero
 * point 8, is the same for every quant of a block, so the sums of activations in {@link ActivationOrder#NIBBLES} take it off. The second quant costs four bits of
 * the 24 that a float has: an error of 2^−20 of its activation, where a rounding to eight bits makes one of 2^−8.
 *
 * <p>Fifth bits first join the nibbles in bytes, and a quant becomes 1 + q/32. The four fifth bits of a lane are neighbours; a multiplication spreads them to
 * four bytes as in {@link BlockStrips}.
 */
public final class WideBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    private static final IntVector UPPER = IntVector.broadcast(INTS, 15 << 19);
    private static final IntVector LOWER = IntVector.broadcast(INTS, 15 << 15);
    private static final int QUANT_5 = 31 << 18;

    /** Word w of a block holds elements 4w … 4w + 3, whose fifth bits begin at bit 4w. */
    private static final IntVector FIRST_BITS = IntVector.zero(INTS).addIndex(4).and(15);

    /** Bits 0 … 3 go to bit 4 of four bytes. */
    private static final int SPREAD = 0x02040810;
    private static final int FIFTHS = 0x10101010;

    /** The factor from sums of (1 + q/16)·x times scales to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float SCALE_4 = 16 * (Halves.BIAS / ActivationOrder.FACTOR);

    /** The same for (1 + q/32)·x. */
    private static final float SCALE_5 = 32 * (Halves.BIAS / ActivationOrder.FACTOR);

    private static final float MIN_SCALE = Halves.BIAS / ActivationOrder.FACTOR;

    private static final int Q4_0_BYTES = 18;
    private static final ShortVector Q4_0_WORDS = BlockWords.pickShorts(9, 1, 2, false, 4);
    private static final ShortVector Q4_0_SCALES = BlockWords.pickShorts(9, 0, 0, true, 4);

    private static final int Q4_1_BYTES = 20;
    private static final IntVector Q4_1_WORDS = BlockWords.pickInts(5, 1, 1, 4);
    private static final IntVector Q4_1_SCALES = BlockWords.pickInts(5, 0, 0, 4);

    private static final int Q5_0_BYTES = 22;
    private static final ShortVector Q5_0_WORDS = BlockWords.pickShorts(11, 3, 2, false, 12);
    private static final ShortVector Q5_0_FIFTHS = BlockWords.pickShorts(11, 1, 0, false, 12);
    private static final ShortVector Q5_0_SCALES = BlockWords.pickShorts(11, 0, 0, true, 12);

    private static final int Q5_1_BYTES = 24;
    private static final IntVector Q5_1_WORDS = BlockWords.pickInts(6, 2, 1, 8);
    private static final IntVector Q5_1_FIFTHS = BlockWords.pickInts(6, 1, 0, 8);
    private static final IntVector Q5_1_SCALES = BlockWords.pickInts(6, 0, 0, 8);

    private WideBlockRows() {}

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
                ShortVector load = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at, LITTLE_ENDIAN);
                ShortVector second = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at + 8, LITTLE_ENDIAN);
                IntVector words = Q4_0_WORDS.selectFrom(load, second).reinterpretAsInts();
                IntVector scales = Q4_0_SCALES.selectFrom(load).reinterpretAsInts();
                FloatVector upper = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector lower = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector turned = words.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31);
                    upper = turned.and(UPPER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), upper);
                    lower = turned.and(LOWER).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), lower);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = upper.add(lower).fma(scale, sum);
            }
            sum.mul(SCALE_4).intoArray(sums, row * LANES);
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
                IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                IntVector second = IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN);
                IntVector words = Q4_1_WORDS.selectFrom(load, second);
                IntVector scales = Q4_1_SCALES.selectFrom(load);
                FloatVector upper = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector lower = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector turned = words.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31);
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
            sum.mul(SCALE_4).add(minSum.mul(MIN_SCALE)).intoArray(sums, row * LANES);
        }
    }

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
                ShortVector load = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at, LITTLE_ENDIAN);
                ShortVector second = ShortVector.fromMemorySegment(BlockWords.SHORTS, memory, at + 24, LITTLE_ENDIAN);
                IntVector words = Q5_0_WORDS.selectFrom(load, second).reinterpretAsInts();
                IntVector fifths = Q5_0_FIFTHS.selectFrom(load, second).reinterpretAsInts();
                IntVector scales = Q5_0_SCALES.selectFrom(load, second).reinterpretAsInts();
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector ofLow = lows.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31);
                    IntVector ofHigh = highs.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31);
                    low = ofLow.and(QUANT_5).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ofHigh.and(QUANT_5).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
            }
            sum.mul(SCALE_5).intoArray(sums, row * LANES);
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
                IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                IntVector second = IntVector.fromMemorySegment(INTS, memory, at + 32, LITTLE_ENDIAN);
                IntVector words = Q5_1_WORDS.selectFrom(load, second);
                IntVector fifths = Q5_1_FIFTHS.selectFrom(load, second);
                IntVector scales = Q5_1_SCALES.selectFrom(load, second);
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    IntVector ofLow = lows.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31);
                    IntVector ofHigh = highs.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31);
                    low = ofLow.and(QUANT_5).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ofHigh.and(QUANT_5).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3)
                        .and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
                FloatVector min = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                minSum = min.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), minSum);
            }
            sum.mul(SCALE_5).add(minSum.mul(MIN_SCALE)).intoArray(sums, row * LANES);
        }
    }
}
