package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.ONE;
import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q2_K and Q3_K, blocks of 256 elements in fields of two bits, with vectors of 512 bits: the fields of a block are one vector of words, its 16 scales
 * another one, which permutations spread to the lanes of each field. Two fields four bits apart come from one turn of a word, as two nibbles in
 * {@link WideBlockRows}: the upper becomes 1 + q/16, the lower 1 + q/256. Sums begin with what is too much. The third bits of Q3_K first join the fields in
 * nibbles.
 *
 * <p>Loops are as in {@link WideSuperBlockRows}.
 */
public final class WideFieldRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Byte> SIXTEEN_BYTES = ByteVector.SPECIES_128;
    private static final int PART_BYTES = ActivationOrder.FIELDS_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;
    private static final int MINUS_SUMS = 272 * Float.BYTES;

    private static final int UPPER_2 = 3 << 19;
    private static final int LOWER_2 = 3 << 15;
    private static final int UPPER_3 = 7 << 19;
    private static final int LOWER_3 = 7 << 15;

    /** The scales of field 0: words 0 … 7 hold the groups of the first half, words 8 … 15 those of the second, four words each. */
    private static final IntVector GROUPS = lanes(lane -> lane / 8 * 8 + lane / 4 % 2);

    // Where Q3_K has the scale of group g: 4 bits in byte g % 8 and 2 bits in byte 8 + g % 4, behind two other bytes.
    private static final VectorShuffle<Integer> LOW_BITS = shuffle(lane -> 2 + lane % 8);
    private static final VectorShuffle<Integer> HIGH_BITS = shuffle(lane -> 10 + lane % 4);
    private static final IntVector LOW_SHIFT = lanes(lane -> lane / 8 * 4);
    private static final IntVector HIGH_SHIFT = lanes(lane -> lane / 4 * 2);

    /** The words of the third bits, eight for each half, whose bits of the second half are four further up. */
    private static final IntVector EIGHT_WORDS = lanes(lane -> lane % 8);
    private static final IntVector THIRD_BITS = lanes(lane -> lane / 8 * 4);

    private WideFieldRows() {}

    public static void q2_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
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
                long at = (start + block * 84L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector scales = ((FloatVector) header.and(15).convert(VectorOperators.I2F, 0))
                        .mul(16 * Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 80))).reinterpretAsInts();
                FloatVector minima = ((FloatVector) header.lanewise(VectorOperators.LSHR, 4).convert(VectorOperators.I2F, 0))
                        .mul(Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 82)));
                excess = minima.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN);
                for (int pair = 0; pair < 2; pair++) {
                    long minusSums = xAt + MINUS_SUMS + pair * 2 * VECTOR_BYTES;
                    FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, minusSums, LITTLE_ENDIAN);
                    FloatVector high = FloatVector.fromMemorySegment(FLOATS, activations, minusSums + VECTOR_BYTES, LITTLE_ENDIAN);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + (pair * 8 + step * 2) * VECTOR_BYTES;
                        IntVector turned = words.lanewise(VectorOperators.ROL, (15 - 2 * pair - 8 * step) & 31);
                        high = turned.and(UPPER_2).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), high);
                        low = turned.and(LOWER_2).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), low);
                    }
                    IntVector group = GROUPS.add(2 * pair);
                    sum = low.fma(group.selectFrom(scales).reinterpretAsFloats(), sum);
                    sum = high.fma(group.add(4).selectFrom(scales).reinterpretAsFloats(), sum);
                }
            }
            sum.sub(excess).intoArray(sums, row * VectorSupport.LANES);
        }
    }

    public static void q3_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
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
                long at = (start + block * 110L) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) block * PART_BYTES) & VectorSupport.ADDRESSES;
                IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at + 94, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
                IntVector sixBits = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(15)
                        .or(header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, HIGH_SHIFT).and(3).lanewise(VectorOperators.LSHL,
                                4));
                FloatVector groups = ((FloatVector) sixBits.sub(32).convert(VectorOperators.I2F, 0))
                        .mul(16 * Float.float16ToFloat(memory.get(WeightBytes.SHORT, at + 108)));
                excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + SUMS, LITTLE_ENDIAN), excess);
                IntVector scales = groups.reinterpretAsInts();
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 32, LITTLE_ENDIAN);
                IntVector thirds = EIGHT_WORDS.selectFrom(IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN))
                        .lanewise(VectorOperators.LSHR, THIRD_BITS);
                for (int pair = 0; pair < 2; pair++) {
                    IntVector bits = thirds.lanewise(VectorOperators.LSHR, pair);
                    IntVector nibbles = words.lanewise(VectorOperators.LSHR, 2 * pair).and(0x33333333)
                            .or(bits.lanewise(VectorOperators.LSHL, 2).and(0x04040404))
                            .or(bits.lanewise(VectorOperators.LSHL, 4).and(0x40404040));
                    long minusSums = xAt + MINUS_SUMS + pair * 2 * VECTOR_BYTES;
                    FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, minusSums, LITTLE_ENDIAN);
                    FloatVector high = FloatVector.fromMemorySegment(FLOATS, activations, minusSums + VECTOR_BYTES, LITTLE_ENDIAN);
                    for (int step = 0; step < 4; step++) {
                        long vector = xAt + (pair * 8 + step * 2) * VECTOR_BYTES;
                        IntVector turned = nibbles.lanewise(VectorOperators.ROL, (15 - 8 * step) & 31);
                        high = turned.and(UPPER_3).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector, LITTLE_ENDIAN), high);
                        low = turned.and(LOWER_3).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, vector + VECTOR_BYTES, LITTLE_ENDIAN), low);
                    }
                    IntVector group = GROUPS.add(2 * pair);
                    sum = low.fma(group.selectFrom(scales).reinterpretAsFloats(), sum);
                    sum = high.fma(group.add(4).selectFrom(scales).reinterpretAsFloats(), sum);
                }
            }
            sum.sub(excess.mul(0.25f)).intoArray(sums, row * VectorSupport.LANES); // the zero point is 4, and scales have a factor 16
        }
    }

    private static IntVector lanes(IntUnaryOperator value) {
        int[] values = new int[INTS.length()];
        for (int lane = 0; lane < values.length; lane++) {
            values[lane] = value.applyAsInt(lane);
        }
        return IntVector.fromArray(INTS, values, 0);
    }

    private static VectorShuffle<Integer> shuffle(IntUnaryOperator source) {
        return VectorShuffle.fromOp(INTS, lane -> source.applyAsInt(lane) % INTS.length());
    }
}
