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
 * Rows of Q4_0, Q4_1, Q5_0 and Q5_1 with vectors of 128 and 256 bits. A quant is converted where it stands: the bits of byte i of a word, with zeros around them,
 * are a number that is 2^8i times as large, and {@link ActivationOrder#BLOCKS} makes up for it. That needs no shifts but one for the high nibbles, and rounds
 * nothing. Fifth bits first join the nibbles in bytes, as in {@link WideBlockRows}.
 */
public final class NarrowBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.BLOCKS_PART * Float.BYTES;
    private static final int WORD_BLOCKS = ActivationOrder.WORD_BLOCKS;

    /** Word w of a block holds elements 4w … 4w + 3, whose fifth bits begin at bit 4w. */
    private static final IntVector FIRST_BITS = IntVector.zero(INTS).addIndex(4).and(15);

    /** Bits 0 … 3 go to bit 4 of four bytes. */
    private static final int SPREAD = 0x02040810;
    private static final int FIFTHS = 0x10101010;

    /** The factor from sums of q·x times scales to the product; see {@link ActivationOrder#FACTOR}. */
    private static final float SCALE = Halves.BIAS / ActivationOrder.FACTOR;

    private static final int Q4_0_BYTES = 18;
    private static final IntVector Q4_0_SCALES = BlockWords.wordOfBlock(Q4_0_BYTES, 0);
    private static final IntVector Q4_0_TO_TOP = BlockWords.shiftToTop(Q4_0_BYTES, 0);

    private static final int Q4_1_BYTES = 20;
    private static final IntVector Q4_1_SCALES = BlockWords.wordOfBlock(Q4_1_BYTES, 0);

    private static final int Q5_0_BYTES = 22;

    private static final int Q5_1_BYTES = 24;
    private static final IntVector Q5_1_FIFTHS = BlockWords.wordOfBlock(Q5_1_BYTES, 4);
    private static final IntVector Q5_1_SCALES = BlockWords.wordOfBlock(Q5_1_BYTES, 0);

    private NarrowBlockRows() {}

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
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 2, LITTLE_ENDIAN);
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                }
                IntVector scales = Q4_0_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHL, Q4_0_TO_TOP);
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4);
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) words.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
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
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 4, LITTLE_ENDIAN);
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 8, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                }
                IntVector scales = Q4_1_SCALES.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4);
                FloatVector low = FloatVector.zero(FLOATS);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) words.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3)
                        .and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
                FloatVector min = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                minSum = min.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), minSum);
            }
            sum.add(minSum).mul(SCALE).intoArray(sums, row * LANES);
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
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 6, LITTLE_ENDIAN);
                IntVector fifths = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 2));
                IntVector scales = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at));
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 12, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                    fifths = fifths.blend(IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 24)), BlockWords.FROM_SECOND);
                    scales = scales.blend(IntVector.broadcast(INTS, memory.get(WeightBytes.INT, at + 22)), BlockWords.FROM_SECOND);
                }
                scales = scales.lanewise(VectorOperators.LSHL, 16);
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN);
                FloatVector high = low;
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) lows.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
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
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 8, LITTLE_ENDIAN);
                if (LANES == 8) {
                    words = words.blend(IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN), BlockWords.FROM_SECOND);
                }
                IntVector load = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                IntVector fifths = Q5_1_FIFTHS.selectFrom(load);
                IntVector scales = Q5_1_SCALES.selectFrom(load);
                fifths = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows = words.and(NIBBLES).or(fifths.and(15).mul(SPREAD).and(FIFTHS));
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(fifths.lanewise(VectorOperators.LSHR, 16).and(15).mul(SPREAD).and(FIFTHS));
                FloatVector low = FloatVector.zero(FLOATS);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long vector = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) lows.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                FloatVector scale = scales.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3)
                        .and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                sum = low.add(high).fma(scale, sum);
                FloatVector min = scales.lanewise(VectorOperators.ASHR, 3).and(Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats();
                minSum = min.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), minSum);
            }
            sum.add(minSum).mul(SCALE).intoArray(sums, row * LANES);
        }
    }
}
