package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.NIBBLES;
import static dev.winnow.cpu.kernel.VectorSupport.ONE;
import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
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
 * Rows of Q4_K, Q5_K and Q6_K, blocks of 256 elements, with vectors of 512 bits. Quants become 1 + q/16, q/32 or q/64 as in {@link WideBlockRows}. A block has
 * two vectors of words, and its scales are one vector, which permutations spread to the lanes of the low and high nibbles of both. The same vector of scales
 * times the sums of activations is what zero points and minima take off; sums of Q4_K, which has two quants from one turn of a word as in {@link WideBlockRows},
 * begin with what is too much.
 *
 * <p>The halves of a block and the bytes of a word are loops, which C2 unrolls after it has inlined their bodies once. Written out, they were more calls than
 * C2 inlines in one method, and vectors were allocated.
 */
public final class WideSuperBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Byte> SIXTEEN_BYTES = ByteVector.SPECIES_128;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;
    private static final int HALF_BYTES = 128 * Float.BYTES;
    private static final int NIBBLE_PART_BYTES = ActivationOrder.NIBBLE_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;
    private static final int MINUS_SUMS = 272 * Float.BYTES;

    private static final int UPPER_4 = 15 << 19;
    private static final int LOWER_4 = 15 << 15;
    private static final int QUANT_5 = 31 << 18;
    private static final int QUANT_6 = 63 << 17;

    // Lanes 0 … 7 become the scales, 8 … 15 the minima of Q4_K and Q5_K. The 16 bytes they come from: d, dmin, low scales, low minima, and the rest of both.
    private static final VectorShuffle<Integer> LOW_BITS = quarters(4, 12, 8, 12);
    private static final VectorShuffle<Integer> HIGH_BITS = quarters(4, 4, 8, 8);
    private static final IntVector LOW_SHIFT = constants(0, 0, 0, 4);
    private static final IntVector LOW_MASK = constants(63, 15, 63, 15);
    private static final IntVector HIGH_MASK = constants(0, 0x30, 0, 0x30);
    private static final VectorMask<Float> MINIMA = VectorMask.fromLong(FLOATS, 0xff00);

    /** The scales of the low nibbles of the first half of Q4_K and Q5_K: two neighbouring groups of 32 share their words, the second has the high nibbles. */
    private static final IntVector GROUPS = constants(0, 0, 2, 2);

    /** The scales of the low nibbles of the first half of Q6_K, groups of 16. */
    private static final IntVector QUADS = constants(0, 1, 2, 3);

    /** The high bits of 8 words for the lanes 0 … 7 and 8 … 15; the latter look further. */
    private static final IntVector EIGHT_WORDS = IntVector.zero(INTS).addIndex(1).and(7);
    private static final IntVector FIFTH_BITS = constants(0, 0, 2, 2);

    private WideSuperBlockRows() {}

    public static void q4_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 144L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * NIBBLE_PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector scales = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(LOW_MASK)
                        .or(header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK));
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, 16 * Float.float16ToFloat(memory.get(WeightBytes.SHORT, at)))
                                .blend(FloatVector.broadcast(FLOATS, Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 2))), MINIMA));
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector scaleBits = groups.reinterpretAsInts();
                for (int half = 0; half < 2; half++) {
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 16 + half * VECTOR_BYTES, LITTLE_ENDIAN);
                    long minusSums = xAt + MINUS_SUMS + half * 2 * VECTOR_BYTES;
                    FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, minusSums, LITTLE_ENDIAN);
                    FloatVector high = FloatVector.fromMemorySegment(FLOATS, activations, minusSums + VECTOR_BYTES, LITTLE_ENDIAN);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + half * HALF_BYTES + step * 2 * VECTOR_BYTES;
                        IntVector turned = words.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31);
                        high = turned.and(UPPER_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), high);
                        low = turned.and(LOWER_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), low);
                    }
                    IntVector group = GROUPS.add(4 * half);
                    sum = low.fma(group.selectFrom(scaleBits).reinterpretAsFloats(), sum);
                    sum = high.fma(group.add(1).selectFrom(scaleBits).reinterpretAsFloats(), sum);
                }
            }
            sum.sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    public static void q5_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 176L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector scales = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(LOW_MASK)
                        .or(header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK));
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, 32 * Float.float16ToFloat(memory.get(WeightBytes.SHORT, at)))
                                .blend(FloatVector.broadcast(FLOATS, Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 2))), MINIMA));
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector scaleBits = groups.reinterpretAsInts();
                IntVector fifths = EIGHT_WORDS.selectFrom(IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHR, FIFTH_BITS);
                for (int half = 0; half < 2; half++) {
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 48 + half * VECTOR_BYTES, LITTLE_ENDIAN);
                    IntVector bits = fifths.lanewise(VectorOperators.LSHR, 4 * half);
                    IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                    IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                            .or(bits.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
                    FloatVector low = FloatVector.zero(FLOATS);
                    FloatVector high = FloatVector.zero(FLOATS);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + half * HALF_BYTES + step * 2 * VECTOR_BYTES;
                        low = lows.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.ROL, (18 - 8 * step) & 31).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                    }
                    IntVector group = GROUPS.add(4 * half);
                    sum = low.fma(group.selectFrom(scaleBits).reinterpretAsFloats(), sum);
                    sum = high.fma(group.add(1).selectFrom(scaleBits).reinterpretAsFloats(), sum);
                }
            }
            sum.sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    public static void q6_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int block = 0; block < columns / 256; block++) {
                long at = (start + block * 210L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector scales = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at + 192, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.B2I, INTS, 0);
                FloatVector groups = ((FloatVector) scales.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.broadcast(FLOATS, 64 * Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 208))));
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector scaleBits = groups.reinterpretAsInts();
                IntVector fields = IntVector.fromMemorySegment(INTS, memory, at + 128, LITTLE_ENDIAN);
                for (int half = 0; half < 2; half++) {
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, at + half * VECTOR_BYTES, LITTLE_ENDIAN);
                    IntVector bits = EIGHT_WORDS.add(8 * half).selectFrom(fields).lanewise(VectorOperators.LSHR, FIFTH_BITS);
                    IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                    IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(bits.and(0x30303030));
                    FloatVector low = FloatVector.zero(FLOATS);
                    FloatVector high = FloatVector.zero(FLOATS);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + half * HALF_BYTES + step * 2 * VECTOR_BYTES;
                        low = lows.lanewise(VectorOperators.ROL, (17 - 8 * step) & 31).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.ROL, (17 - 8 * step) & 31).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), high);
                    }
                    IntVector group = QUADS.add(8 * half);
                    sum = low.fma(group.selectFrom(scaleBits).reinterpretAsFloats(), sum);
                    sum = high.fma(group.add(4).selectFrom(scaleBits).reinterpretAsFloats(), sum);
                }
            }
            sum.sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
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
