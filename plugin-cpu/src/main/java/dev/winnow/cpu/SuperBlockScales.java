package dev.winnow.cpu;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The scales of Q4_K, Q5_K and Q6_K as {@link SuperBlockRows} multiplies with them: for each vector of words, a vector for the low nibbles and one for the
 * high, 64 floats for a block. With 512 bits the scales of a block are one vector, which permutations spread; otherwise they are unpacked one by one.
 */
final class SuperBlockScales {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Byte> SIXTEEN_BYTES = ByteVector.SPECIES_128;
    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK_BYTES = 64 * Float.BYTES;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;

    // With 512 bits: lanes 0 … 7 become the scales, 8 … 15 the minima. Lanes of the 16 header bytes: d, dmin, scales 0-3, minima 0-3, and the rest of both.
    private static final VectorShuffle<Integer> LOW_BITS = shuffle(4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    private static final VectorShuffle<Integer> HIGH_BITS = shuffle(4, 5, 6, 7, 4, 5, 6, 7, 8, 9, 10, 11, 8, 9, 10, 11);
    private static final IntVector LOW_SHIFT = quarters(0, 0, 0, 4);
    private static final IntVector LOW_MASK = quarters(63, 15, 63, 15);
    private static final IntVector HIGH_MASK = quarters(0, 0x30, 0, 0x30);
    private static final IntVector HALF_SHIFT = quarters(16, 16, 0, 0);

    private SuperBlockScales() {}

    /**
     * Unpacks the scales of Q4_K and Q5_K blocks and returns the sum over groups of (factor·d·scale + dmin·min) · Σx.
     *
     * @param start  position of the first block
     * @param factor what the scales are multiplied by: quants come as 1 + q/factor
     * @param parts  position of the activations' first part, in {@link ActivationOrder#GROUPS_OF_32}
     * @param target position of the scales in {@code scales}
     */
    static float groupsOf32(MemorySegment memory, long start, long blockBytes, int count, int factor, MemorySegment activations, long parts,
            MemorySegment scales, long target) {
        return LANES == 16
                ? wideGroupsOf32(memory, start, blockBytes, count, factor, activations, parts, scales, target)
                : narrowGroupsOf32(memory, start, blockBytes, count, factor, activations, parts, scales, target);
    }

    private static float wideGroupsOf32(MemorySegment memory, long start, long blockBytes, int count, int factor, MemorySegment activations,
            long parts, MemorySegment scales, long target) {
        long to = target & VectorSupport.ADDRESSES;
        long xFirst = parts & VectorSupport.ADDRESSES;
        FloatVector bias = (FloatVector) quarters(factor, factor, 1, 1).convert(VectorOperators.I2F, 0);
        FloatVector excess = FloatVector.zero(FLOATS);
        for (int i = 0; i < count; i++) {
            long at = (start + i * blockBytes) & VectorSupport.ADDRESSES;
            IntVector header = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at, LITTLE_ENDIAN)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
            IntVector low = header.rearrange(LOW_BITS).lanewise(VectorOperators.LSHR, LOW_SHIFT).and(LOW_MASK);
            IntVector high = header.rearrange(HIGH_BITS).lanewise(VectorOperators.LSHR, 2).and(HIGH_MASK);
            IntVector halves = IntVector.broadcast(INTS, WeightBytes.int32(memory, at)).lanewise(VectorOperators.LSHL, HALF_SHIFT);
            FloatVector blockScales = halves.lanewise(VectorOperators.ASHR, 3).and(Halves.BITS).reinterpretAsFloats().mul(Halves.BIAS)
                    .mul(bias);
            FloatVector groups = ((FloatVector) low.or(high).convert(VectorOperators.I2F, 0)).mul(blockScales);
            excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xFirst + (long) i * PART_BYTES + SUMS, LITTLE_ENDIAN),
                    excess);
            long block = to + (long) i * BLOCK_BYTES;
            groups.rearrange(GROUPS_0).intoMemorySegment(scales, block, LITTLE_ENDIAN);
            groups.rearrange(GROUPS_1).intoMemorySegment(scales, block + 64, LITTLE_ENDIAN);
            groups.rearrange(GROUPS_4).intoMemorySegment(scales, block + 128, LITTLE_ENDIAN);
            groups.rearrange(GROUPS_5).intoMemorySegment(scales, block + 192, LITTLE_ENDIAN);
        }
        return VectorSupport.sumLanes(excess);
    }

    private static float narrowGroupsOf32(MemorySegment memory, long start, long blockBytes, int count, int factor,
            MemorySegment activations, long parts, MemorySegment scales, long target) {
        float excess = 0;
        for (int i = 0; i < count; i++) {
            long at = start + i * blockBytes;
            float scale = factor * WeightBytes.half(memory, at);
            float minScale = WeightBytes.half(memory, at + 2);
            int first = WeightBytes.int32(memory, at + 4);
            int second = WeightBytes.int32(memory, at + 8);
            int third = WeightBytes.int32(memory, at + 12);
            long highScales = (third & 0x0f0f0f0fL) | (first >>> 2 & 0x30303030L);
            long highMins = (third >>> 4 & 0x0f0f0f0fL) | (second >>> 2 & 0x30303030L);
            long groupScales = (first & 0x3f3f3f3fL) | highScales << 32;
            long groupMins = (second & 0x3f3f3f3fL) | highMins << 32;
            for (int group = 0; group < 8; group++) {
                float value = scale * (groupScales >>> 8 * group & 63);
                float min = minScale * (groupMins >>> 8 * group & 63);
                float sum = activations.get(ValueLayout.JAVA_FLOAT, parts + (long) i * PART_BYTES + SUMS + 4L * group);
                excess = Math.fma(value + min, sum, excess);
                // 8 words, in quads of lanes
                spread(scales, target, i, group / 2 * 2, group % 2, value);
                spread(scales, target, i, group / 2 * 2 + 1, group % 2, value);
            }
        }
        return excess;
    }

    /**
     * Unpacks the scales of Q6_K blocks and returns the sum over groups of 64·d·scale · 1.5·Σx: quants come as 1 + q/64 and have the zero point 32.
     *
     * @param start  position of the first block
     * @param parts  position of the activations' first part, in {@link ActivationOrder#GROUPS_OF_16}
     * @param target position of the scales in {@code scales}
     */
    static float groupsOf16(MemorySegment memory, long start, int count, MemorySegment activations, long parts, MemorySegment scales,
            long target) {
        return LANES == 16
                ? wideGroupsOf16(memory, start, count, activations, parts, scales, target)
                : narrowGroupsOf16(memory, start, count, activations, parts, scales, target);
    }

    private static float wideGroupsOf16(MemorySegment memory, long start, int count, MemorySegment activations, long parts,
            MemorySegment scales, long target) {
        long to = target & VectorSupport.ADDRESSES;
        long xFirst = parts & VectorSupport.ADDRESSES;
        FloatVector excess = FloatVector.zero(FLOATS);
        for (int i = 0; i < count; i++) {
            long at = (start + i * 210L) & VectorSupport.ADDRESSES;
            IntVector bytes = (IntVector) ByteVector.fromMemorySegment(SIXTEEN_BYTES, memory, at + 192, LITTLE_ENDIAN)
                    .convertShape(VectorOperators.B2I, INTS, 0);
            FloatVector groups = ((FloatVector) bytes.convert(VectorOperators.I2F, 0)).mul(64 * WeightBytes.half(memory, at + 208));
            excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, xFirst + (long) i * PART_BYTES + SUMS, LITTLE_ENDIAN),
                    excess);
            long block = to + (long) i * BLOCK_BYTES;
            groups.rearrange(QUADS_0).intoMemorySegment(scales, block, LITTLE_ENDIAN);
            groups.rearrange(QUADS_4).intoMemorySegment(scales, block + 64, LITTLE_ENDIAN);
            groups.rearrange(QUADS_8).intoMemorySegment(scales, block + 128, LITTLE_ENDIAN);
            groups.rearrange(QUADS_12).intoMemorySegment(scales, block + 192, LITTLE_ENDIAN);
        }
        return VectorSupport.sumLanes(excess);
    }

    private static float narrowGroupsOf16(MemorySegment memory, long start, int count, MemorySegment activations, long parts,
            MemorySegment scales, long target) {
        float excess = 0;
        for (int i = 0; i < count; i++) {
            long at = start + i * 210L;
            float scale = 64 * WeightBytes.half(memory, at + 208);
            for (int group = 0; group < 16; group++) {
                float value = scale * WeightBytes.int8(memory, at + 192 + group);
                float sum = activations.get(ValueLayout.JAVA_FLOAT, parts + (long) i * PART_BYTES + SUMS + 4L * group);
                excess = Math.fma(value, sum, excess);
                spread(scales, target, i, group / 8 * 4 + group % 4, group / 4 % 2, value);
            }
        }
        return excess;
    }

    /** Writes the scale of the low or high nibbles of four words, the {@code quad}-th of a block. */
    private static void spread(MemorySegment scales, long target, int block, int quad, int nibble, float value) {
        int vector = quad * 4 / LANES;
        int lane = quad * 4 % LANES;
        long at = (target & VectorSupport.ADDRESSES) + (long) block * BLOCK_BYTES + 4L * ((2 * vector + nibble) * LANES + lane);
        FloatVector.broadcast(FOUR, value).intoMemorySegment(scales, at, LITTLE_ENDIAN);
    }

    // The scales of lanes 0 … 7 and 8 … 15: two groups apart, since two neighbouring groups share their words.
    private static final VectorShuffle<Float> GROUPS_0 = spread(0, 8, 2);
    private static final VectorShuffle<Float> GROUPS_1 = spread(1, 8, 2);
    private static final VectorShuffle<Float> GROUPS_4 = spread(4, 8, 2);
    private static final VectorShuffle<Float> GROUPS_5 = spread(5, 8, 2);

    // The scales of four lanes each.
    private static final VectorShuffle<Float> QUADS_0 = spread(0, 4, 1);
    private static final VectorShuffle<Float> QUADS_4 = spread(4, 4, 1);
    private static final VectorShuffle<Float> QUADS_8 = spread(8, 4, 1);
    private static final VectorShuffle<Float> QUADS_12 = spread(12, 4, 1);

    /** Lane i takes the scale {@code first + i / lanes · step}; unused with less than 16 lanes. */
    private static VectorShuffle<Float> spread(int first, int lanes, int step) {
        return VectorShuffle.fromOp(FLOATS, lane -> (first + lane / lanes * step) % LANES);
    }

    private static VectorShuffle<Integer> shuffle(int... sources) {
        return VectorShuffle.fromOp(INTS, lane -> sources[lane] % LANES);
    }

    private static IntVector quarters(int first, int second, int third, int fourth) {
        int[] values = {first, second, third, fourth};
        int[] lanes = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = values[lane * 4 / LANES];
        }
        return IntVector.fromArray(INTS, lanes, 0);
    }
}
