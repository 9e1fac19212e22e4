package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.NIBBLES;
import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q4_K, Q5_K and Q6_K with vectors of 128 and 256 bits, with quants that are converted where they stand, as in {@link NarrowBlockRows}. A block has 4 or 8
 * vectors of words, each of a single group or two, whose scales are unpacked together and spread to lanes by a permutation.
 */
public final class NarrowSuperBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;
    private static final int PLAIN_SUMS = 264 * Float.BYTES;

    /** Vectors of the 32 words that hold the lower four bits of a block. */
    private static final int VECTORS = 32 / LANES;

    private static final VectorMask<Integer> UPPER_FOUR = VectorMask.fromLong(INTS, 0xf0);

    /** Moves byte i % 4 of a word to the bottom in lane i. */
    private static final IntVector TO_BYTE = IntVector.zero(INTS).addIndex(8).and(24);

    /** Moves byte i % 4 of a word to the top in lane i. */
    private static final IntVector TO_SIGN = IntVector.broadcast(INTS, 24).sub(IntVector.zero(INTS).addIndex(8).and(24));

    /** The groups of a quarter of a block in their lanes, four each. */
    private static final IntVector QUADS = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 2);

    private NarrowSuperBlockRows() {}

    public static void q4_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector.zero(FLOATS).intoArray(sums, row * LANES);
            long start = first + row * rowBytes;
            unpackScales(memory, start, columns / 256, activations, xFirst, sums, row * LANES);
            for (int vector = 0; vector < columns / 256 * VECTORS; vector++) {
                long block = vector / VECTORS;
                long at = (start + (long) vector * VECTOR_BYTES + 16 * block + 16) & VectorSupport.ADDRESSES;
                long xAt = (xFirst + (long) vector * 8 * VECTOR_BYTES + block * (PART_BYTES - SUMS)) & VectorSupport.ADDRESSES;
                IntVector words = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
                IntVector highs = words.lanewise(VectorOperators.LSHR, 4);
                FloatVector low = FloatVector.zero(FLOATS);
                FloatVector high = FloatVector.zero(FLOATS);
                for (int step = 0; step < 4; step++) {
                    long two = xAt + step * 2 * VECTOR_BYTES;
                    low = ((FloatVector) words.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, two, LITTLE_ENDIAN), low);
                    high = ((FloatVector) highs.and(15 << 8 * step).convert(VectorOperators.I2F, 0))
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, two + VECTOR_BYTES, LITTLE_ENDIAN), high);
                }
                int scale = RowKernel.SCRATCH + (LANES == 8 ? 2 * vector : vector & ~1);
                lowSum = low.fma(FloatVector.broadcast(FLOATS, sums[scale]), lowSum);
                highSum = high.fma(FloatVector.broadcast(FLOATS, sums[scale + 1]), highSum);
            }
            FloatVector.fromArray(FLOATS, sums, row * LANES).add(lowSum.add(highSum)).intoArray(sums, row * LANES);
        }
    }

    /**
     * Writes the scales of some blocks of Q4_K, 8 each, to the scratch memory, and takes what the minima are too much off the sums at {@code sumsAt}. With
     * scales that stay in registers C2 made one piece of all vectors of a block, which needed far more than 16 of them: 0.7 times the time without.
     */
    private static void unpackScales(MemorySegment weights, long first, int blocks, MemorySegment x, long part, float[] sums, int sumsAt) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        FloatVector excess = FloatVector.zero(FLOATS);
        for (int i = 0; i < blocks; i++) {
            long block = (first + i * 144L) & VectorSupport.ADDRESSES;
            long plainSums = (part + PLAIN_SUMS + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
            long header = memory.get(WeightBytes.LONG, block);
            long more = memory.get(WeightBytes.LONG, block + 8);
            FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) header));
            FloatVector minScale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) (header >>> 16)));
            int scales = (int) (header >>> 32);
            int mins = (int) more;
            int rest = (int) (more >>> 32);
            int nextScales = rest & NIBBLES | scales >>> 2 & 0x30303030;
            int nextMins = rest >>> 4 & NIBBLES | mins >>> 2 & 0x30303030;
            for (int group = 0; group < 8; group += LANES) {
                IntVector ofScales = IntVector.broadcast(INTS, group == 0 ? scales : nextScales);
                IntVector ofMins = IntVector.broadcast(INTS, group == 0 ? mins : nextMins);
                if (LANES == 8) {
                    ofScales = ofScales.blend(IntVector.broadcast(INTS, nextScales), UPPER_FOUR);
                    ofMins = ofMins.blend(IntVector.broadcast(INTS, nextMins), UPPER_FOUR);
                }
                ((FloatVector) ofScales.lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0)).mul(scale)
                        .intoArray(sums, RowKernel.SCRATCH + 8 * i + group);
                FloatVector minima = ((FloatVector) ofMins.lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0))
                        .mul(minScale);
                excess = minima.fma(FloatVector.fromMemorySegment(FLOATS, activations, plainSums + 4 * group, LITTLE_ENDIAN), excess);
            }
        }
        FloatVector.fromArray(FLOATS, sums, sumsAt).sub(excess).intoArray(sums, sumsAt);
    }

    public static void q5_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
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
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 176L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                long header = memory.get(WeightBytes.LONG, block);
                long more = memory.get(WeightBytes.LONG, block + 8);
                FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) header));
                FloatVector minScale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) (header >>> 16)));
                int scales = (int) (header >>> 32);
                int mins = (int) more;
                int rest = (int) (more >>> 32);
                int nextScales = rest & NIBBLES | scales >>> 2 & 0x30303030;
                int nextMins = rest >>> 4 & NIBBLES | mins >>> 2 & 0x30303030;
                FloatVector eightGroups = scale;
                if (LANES == 8) {
                    eightGroups = ((FloatVector) IntVector.broadcast(INTS, scales).blend(IntVector.broadcast(INTS, nextScales), UPPER_FOUR)
                            .lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0)).mul(scale);
                    FloatVector minima = ((FloatVector) IntVector.broadcast(INTS, mins)
                            .blend(IntVector.broadcast(INTS, nextMins), UPPER_FOUR)
                            .lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0)).mul(minScale);
                    excess = minima
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, part + PLAIN_SUMS, LITTLE_ENDIAN), excess);
                }
                IntVector eight = eightGroups.reinterpretAsInts();
                for (int half = 0; half < 2; half++) {
                    IntVector scaleBits = eight;
                    if (LANES == 4) {
                        FloatVector groups = ((FloatVector) IntVector.broadcast(INTS, half == 0 ? scales : nextScales)
                                .lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0)).mul(scale);
                        FloatVector minima = ((FloatVector) IntVector.broadcast(INTS, half == 0 ? mins : nextMins)
                                .lanewise(VectorOperators.LSHR, TO_BYTE).and(63).convert(VectorOperators.I2F, 0)).mul(minScale);
                        excess = minima.fma(
                                FloatVector.fromMemorySegment(FLOATS, activations, part + PLAIN_SUMS + half * 16, LITTLE_ENDIAN), excess);
                        scaleBits = groups.reinterpretAsInts();
                    }
                    for (int vector = 0; vector < VECTORS / 2; vector++) {
                        int place = half * VECTORS / 2 + vector;
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 48 + place * VECTOR_BYTES, LITTLE_ENDIAN);
                        IntVector bits = IntVector.fromMemorySegment(INTS, memory, block + 16 + vector * VECTOR_BYTES % 32, LITTLE_ENDIAN)
                                .lanewise(VectorOperators.LSHR, half * 4 + vector * LANES / 8 * 2);
                        IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                        IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                                .or(bits.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
                        FloatVector low = FloatVector.zero(FLOATS);
                        FloatVector high = FloatVector.zero(FLOATS);
                        for (int step = 0; step < 4; step++) {
                            long xAt = part + (place * 8 + step * 2) * VECTOR_BYTES;
                            low = ((FloatVector) lows.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN), low);
                            high = ((FloatVector) highs.and(31 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN), high);
                        }
                        IntVector group = IntVector.broadcast(INTS, (LANES == 8 ? 4 * half : 0) + vector * LANES / 8 * 2);
                        lowSum = low.fma(group.selectFrom(scaleBits).reinterpretAsFloats(), lowSum);
                        highSum = high.fma(group.add(1).selectFrom(scaleBits).reinterpretAsFloats(), highSum);
                    }
                }
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * LANES);
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
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 210L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat(memory.get(WeightBytes.SHORT, block + 208)));
                for (int half = 0; half < 2; half++) {
                    IntVector four = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, block + 192 + 8 * half));
                    IntVector nextFour = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, block + 196 + 8 * half));
                    IntVector bytes = LANES == 8 ? four.blend(nextFour, UPPER_FOUR) : four;
                    FloatVector groups = ((FloatVector) bytes.lanewise(VectorOperators.LSHL, TO_SIGN).lanewise(VectorOperators.ASHR, 24)
                            .convert(VectorOperators.I2F, 0)).mul(scale);
                    FloatVector nextGroups = groups;
                    excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, part + SUMS + 32 * half, LITTLE_ENDIAN), excess);
                    if (LANES == 4) {
                        nextGroups = ((FloatVector) nextFour.lanewise(VectorOperators.LSHL, TO_SIGN).lanewise(VectorOperators.ASHR, 24)
                                .convert(VectorOperators.I2F, 0)).mul(scale);
                        excess = nextGroups.fma(FloatVector.fromMemorySegment(FLOATS, activations, part + SUMS + 32 * half + 16,
                                LITTLE_ENDIAN), excess);
                    }
                    for (int vector = 0; vector < VECTORS / 2; vector++) {
                        int place = half * VECTORS / 2 + vector;
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 64 * half + vector * VECTOR_BYTES,
                                LITTLE_ENDIAN);
                        IntVector bits = IntVector.fromMemorySegment(INTS, memory, block + 128 + 32 * half + vector * VECTOR_BYTES % 32,
                                LITTLE_ENDIAN).lanewise(VectorOperators.LSHR, vector * LANES / 8 * 2);
                        IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                        IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(bits.and(0x30303030));
                        FloatVector low = FloatVector.zero(FLOATS);
                        FloatVector high = FloatVector.zero(FLOATS);
                        for (int step = 0; step < 4; step++) {
                            long xAt = part + (place * 8 + step * 2) * VECTOR_BYTES;
                            low = ((FloatVector) lows.and(63 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN), low);
                            high = ((FloatVector) highs.and(63 << 8 * step).convert(VectorOperators.I2F, 0))
                                    .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN), high);
                        }
                        IntVector group = QUADS.add(vector * LANES / 4);
                        lowSum = low.fma(group.selectFrom(groups.reinterpretAsInts()).reinterpretAsFloats(), lowSum);
                        highSum = high.fma((LANES == 8 ? group.add(4) : group).selectFrom(nextGroups.reinterpretAsInts())
                                .reinterpretAsFloats(), highSum);
                    }
                }
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * LANES);
        }
    }
}
