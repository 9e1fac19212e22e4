package dev.winnow.cpu;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q4_K, Q5_K and Q6_K, blocks of 256 elements, with vectors of 512 bits. Quants become 1 + q/16, q/32 or q/64 as in {@link FourBitRows}. A block has
 * two vectors of words, and its scales are one vector, which permutations spread to the lanes of the low and high nibbles of both. The same vector of scales
 * times the sums of activations is what zero points and minima take off.
 */
final class WideSuperBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Byte> SIXTEEN_BYTES = ByteVector.SPECIES_128;
    private static final int VECTOR_BYTES = 64;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;

    private static final IntVector ONE = IntVector.broadcast(INTS, Float.floatToRawIntBits(1));
    private static final IntVector QUANT_4 = IntVector.broadcast(INTS, 15 << 19);
    private static final IntVector QUANT_5 = IntVector.broadcast(INTS, 31 << 18);
    private static final IntVector QUANT_6 = IntVector.broadcast(INTS, 63 << 17);
    private static final int NIBBLES = 0x0f0f0f0f;

    // Lanes 0 … 7 become the scales, 8 … 15 the minima of Q4_K and Q5_K. The 16 bytes they come from: d, dmin, low scales, low minima, and the rest of both.
    private static final VectorShuffle<Integer> LOW_BITS = quarters(4, 12, 8, 12);
    private static final VectorShuffle<Integer> HIGH_BITS = quarters(4, 4, 8, 8);
    private static final IntVector LOW_SHIFT = constants(0, 0, 0, 4);
    private static final IntVector LOW_MASK = constants(63, 15, 63, 15);
    private static final IntVector HIGH_MASK = constants(0, 0x30, 0, 0x30);
    private static final VectorMask<Float> MINIMA = VectorMask.fromLong(FLOATS, 0xff00);

    // Scales of the lanes 0 … 7 and 8 … 15 in Q4_K and Q5_K: two apart, since two neighbouring groups share their words.
    private static final VectorShuffle<Float> GROUPS_0 = spread(0, 8, 2);
    private static final VectorShuffle<Float> GROUPS_1 = spread(1, 8, 2);
    private static final VectorShuffle<Float> GROUPS_4 = spread(4, 8, 2);
    private static final VectorShuffle<Float> GROUPS_5 = spread(5, 8, 2);

    // Scales of four lanes each in Q6_K.
    private static final VectorShuffle<Float> QUADS_0 = spread(0, 4, 1);
    private static final VectorShuffle<Float> QUADS_4 = spread(4, 4, 1);
    private static final VectorShuffle<Float> QUADS_8 = spread(8, 4, 1);
    private static final VectorShuffle<Float> QUADS_12 = spread(12, 4, 1);

    // The high bits of 8 words for the lanes 0 … 7 and 8 … 15; the latter look two bits further.
    private static final IntVector FIRST_EIGHT = IntVector.zero(INTS).addIndex(1).and(7);
    private static final IntVector SECOND_EIGHT = FIRST_EIGHT.add(8);
    private static final IntVector FIRST_BITS = constants(0, 0, 2, 2);
    private static final IntVector SECOND_BITS = constants(4, 4, 6, 6);

    private WideSuperBlockRows() {}

    static void q4_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 144L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector scales = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(LOW_MASK)
                        .or(header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK));
                FloatVector blockScales = FloatVector.broadcast(FLOATS, 16 * WeightBytes.half(memory, at))
                        .blend(FloatVector.broadcast(FLOATS, WeightBytes.half(memory, at + 2)), MINIMA);
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0)).mul(blockScales);
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector words0 = IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN);
                FloatVector low0 = words0.lanewise(VectorOperators.LSHL, 19).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                FloatVector high0 = words0.lanewise(VectorOperators.LSHL, 15).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                low0 = words0.lanewise(VectorOperators.LSHL, 11).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = words0.lanewise(VectorOperators.LSHL, 7).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = words0.lanewise(VectorOperators.LSHL, 3).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = words0.lanewise(VectorOperators.LSHR, 1).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = words0.lanewise(VectorOperators.LSHR, 5).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = words0.lanewise(VectorOperators.LSHR, 9).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                lowSum = low0.fma(groups.rearrange(GROUPS_0), lowSum);
                highSum = high0.fma(groups.rearrange(GROUPS_1), highSum);
                IntVector words1 = IntVector.fromMemorySegment(INTS, memory, at + 80, LITTLE_ENDIAN);
                FloatVector low1 = words1.lanewise(VectorOperators.LSHL, 19).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN));
                FloatVector high1 = words1.lanewise(VectorOperators.LSHL, 15).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN));
                low1 = words1.lanewise(VectorOperators.LSHL, 11).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = words1.lanewise(VectorOperators.LSHL, 7).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 11 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = words1.lanewise(VectorOperators.LSHL, 3).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 12 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = words1.lanewise(VectorOperators.LSHR, 1).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 13 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = words1.lanewise(VectorOperators.LSHR, 5).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 14 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = words1.lanewise(VectorOperators.LSHR, 9).and(QUANT_4).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 15 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                lowSum = low1.fma(groups.rearrange(GROUPS_4), lowSum);
                highSum = high1.fma(groups.rearrange(GROUPS_5), highSum);
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    static void q5_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 176L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector scales = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(LOW_MASK)
                        .or(header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK));
                FloatVector blockScales = FloatVector.broadcast(FLOATS, 32 * WeightBytes.half(memory, at))
                        .blend(FloatVector.broadcast(FLOATS, WeightBytes.half(memory, at + 2)), MINIMA);
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0)).mul(blockScales);
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector fifths = FIRST_EIGHT.selectFrom(IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN));
                IntVector words0 = IntVector.fromMemorySegment(INTS, memory, at + 48, LITTLE_ENDIAN);
                IntVector bits0 = fifths.lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows0 = words0.and(NIBBLES).or(bits0.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                IntVector highs0 = words0.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(bits0.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
                FloatVector low0 = lows0.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                FloatVector high0 = highs0.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                low0 = lows0.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = lows0.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = lows0.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                lowSum = low0.fma(groups.rearrange(GROUPS_0), lowSum);
                highSum = high0.fma(groups.rearrange(GROUPS_1), highSum);
                IntVector words1 = IntVector.fromMemorySegment(INTS, memory, at + 112, LITTLE_ENDIAN);
                IntVector bits1 = fifths.lanewise(VectorOperators.LSHR, SECOND_BITS);
                IntVector lows1 = words1.and(NIBBLES).or(bits1.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                IntVector highs1 = words1.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                        .or(bits1.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
                FloatVector low1 = lows1.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN));
                FloatVector high1 = highs1.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN));
                low1 = lows1.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 11 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = lows1.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 12 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 13 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = lows1.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 14 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 15 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                lowSum = low1.fma(groups.rearrange(GROUPS_4), lowSum);
                highSum = high1.fma(groups.rearrange(GROUPS_5), highSum);
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    static void q6_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 210L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector scales = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at + 192, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.B2I, INTS, 0);
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, 64 * WeightBytes.half(memory, at + 208)));
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector fields = IntVector.fromMemorySegment(INTS, memory, at + 128, LITTLE_ENDIAN);
                IntVector words0 = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                IntVector bits0 = FIRST_EIGHT.selectFrom(fields).lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows0 = words0.and(NIBBLES).or(bits0.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                IntVector highs0 = words0.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(bits0.and(0x30303030));
                FloatVector low0 = lows0.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                FloatVector high0 = highs0.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                low0 = lows0.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = lows0.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                low0 = lows0.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low0);
                high0 = highs0.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high0);
                lowSum = low0.fma(groups.rearrange(QUADS_0), lowSum);
                highSum = high0.fma(groups.rearrange(QUADS_4), highSum);
                IntVector words1 = IntVector.fromMemorySegment(INTS, memory, at + 64, LITTLE_ENDIAN);
                IntVector bits1 = SECOND_EIGHT.selectFrom(fields).lanewise(VectorOperators.LSHR, FIRST_BITS);
                IntVector lows1 = words1.and(NIBBLES).or(bits1.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                IntVector highs1 = words1.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(bits1.and(0x30303030));
                FloatVector low1 = lows1.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 8 * VECTOR_BYTES, LITTLE_ENDIAN));
                FloatVector high1 = highs1.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 9 * VECTOR_BYTES, LITTLE_ENDIAN));
                low1 = lows1.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 10 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 11 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = lows1.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 12 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 13 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                low1 = lows1.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 14 * VECTOR_BYTES, LITTLE_ENDIAN), low1);
                high1 = highs1.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 15 * VECTOR_BYTES, LITTLE_ENDIAN), high1);
                lowSum = low1.fma(groups.rearrange(QUADS_8), lowSum);
                highSum = high1.fma(groups.rearrange(QUADS_12), highSum);
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    /** Lane i takes the scale {@code first + i / lanes · step}. */
    private static VectorShuffle<Float> spread(int first, int lanes, int step) {
        return VectorShuffle.fromOp(FLOATS, lane -> (first + lane / lanes * step) % FLOATS.length());
    }

    /** Four neighbouring lanes take what is at a position and after it. */
    private static VectorShuffle<Integer> quarters(int... positions) {
        return VectorShuffle.fromOp(INTS, lane -> (positions[lane / 4 % 4] + lane % 4) % INTS.length());
    }

    private static IntVector constants(int... values) {
        int[] lanes = new int[INTS.length()];
        for (int lane = 0; lane < lanes.length; lane++) {
            lanes[lane] = values[lane / 4];
        }
        return IntVector.fromArray(INTS, lanes, 0);
    }
}
