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
 * Rows of Q2_K and Q3_K with vectors of 128 and 256 bits, with fields that are converted where they stand, as the quants of {@link NarrowBlockRows}; the upper
 * ones of a pair are the lower ones of the word moved by four bits. The third bits of Q3_K first join the fields in nibbles. The eight scales of half a block
 * are one vector of 256 bits or two of 128, as in {@link NarrowSuperBlockRows}.
 */
public final class NarrowFieldRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int PART_BYTES = ActivationOrder.FIELDS_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;

    /** Vectors of the 8 words that hold the fields of half a block. */
    private static final int VECTORS = 8 / LANES;

    private static final VectorMask<Integer> UPPER_FOUR = VectorMask.fromLong(INTS, 0xf0);

    /** Moves byte i % 4 of a word to the bottom in lane i. */
    private static final IntVector TO_BYTE = IntVector.zero(INTS).addIndex(8).and(24);

    /** The groups of field 0 in a vector of words. */
    private static final IntVector QUADS = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 2);

    private NarrowFieldRows() {}

    public static void q2_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
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
                long block = (start + i * 84L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                int halves = memory.get(WeightBytes.INT, block + 80);
                FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) halves));
                FloatVector minScale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) (halves >>> 16)));
                for (int half = 0; half < 2; half++) {
                    long sumsAt = part + SUMS + 32 * half;
                    IntVector four = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, block + 8 * half));
                    IntVector nextFour = IntVector.broadcast(INTS, memory.get(WeightBytes.INT, block + 8 * half + 4));
                    IntVector bytes = LANES == 8 ? four.blend(nextFour, UPPER_FOUR) : four;
                    bytes = bytes.lanewise(VectorOperators.LSHR, TO_BYTE);
                    FloatVector groups = ((FloatVector) bytes.and(15).convert(VectorOperators.I2F, 0)).mul(scale);
                    FloatVector nextGroups = groups;
                    excess = ((FloatVector) bytes.lanewise(VectorOperators.LSHR, 4).and(15).convert(VectorOperators.I2F, 0)).mul(minScale)
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, sumsAt, LITTLE_ENDIAN), excess);
                    if (LANES == 4) {
                        bytes = nextFour.lanewise(VectorOperators.LSHR, TO_BYTE);
                        nextGroups = ((FloatVector) bytes.and(15).convert(VectorOperators.I2F, 0)).mul(scale);
                        excess = ((FloatVector) bytes.lanewise(VectorOperators.LSHR, 4).and(15).convert(VectorOperators.I2F, 0))
                                .mul(minScale)
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, sumsAt + 16, LITTLE_ENDIAN), excess);
                    }
                    for (int vector = 0; vector < VECTORS; vector++) {
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 16 + 32 * half + vector * VECTOR_BYTES,
                                LITTLE_ENDIAN);
                        for (int pair = 0; pair < 2; pair++) {
                            long xAt = part + ((half * VECTORS + vector) * 2 + pair) * 8 * VECTOR_BYTES;
                            FloatVector low = FloatVector.zero(FLOATS);
                            FloatVector high = FloatVector.zero(FLOATS);
                            IntVector fields = words.lanewise(VectorOperators.LSHR, 2 * pair);
                            IntVector highs = fields.lanewise(VectorOperators.LSHR, 4);
                            for (int step = 0; step < 4; step++) {
                                long at = xAt + step * 2 * VECTOR_BYTES;
                                low = ((FloatVector) fields.and(3 << 8 * step).convert(VectorOperators.I2F, 0))
                                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, at, LITTLE_ENDIAN), low);
                                high = ((FloatVector) highs.and(3 << 8 * step).convert(VectorOperators.I2F, 0))
                                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, at + VECTOR_BYTES, LITTLE_ENDIAN), high);
                            }
                            IntVector group = QUADS.add(2 * pair + vector);
                            lowSum = low.fma(group.selectFrom(groups.reinterpretAsInts()).reinterpretAsFloats(), lowSum);
                            highSum = high.fma((LANES == 8 ? group.add(4) : group).selectFrom(nextGroups.reinterpretAsInts())
                                    .reinterpretAsFloats(), highSum);
                        }
                    }
                }
            }
            lowSum.add(highSum).sub(excess).intoArray(sums, row * LANES);
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
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            FloatVector excess = FloatVector.zero(FLOATS);
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 110L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                long lowBits = memory.get(WeightBytes.LONG, block + 96);
                long more = memory.get(WeightBytes.LONG, block + 102);
                int highBits = (int) (more >>> 16);
                FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat((short) (more >>> 48)));
                for (int half = 0; half < 2; half++) {
                    long sumsAt = part + SUMS + 32 * half;
                    IntVector four = IntVector.broadcast(INTS,
                            (int) lowBits >>> 4 * half & NIBBLES | (highBits >>> 4 * half & 0x03030303) << 4);
                    IntVector nextFour = IntVector.broadcast(INTS,
                            (int) (lowBits >>> 32) >>> 4 * half & NIBBLES | (highBits >>> 4 * half + 2 & 0x03030303) << 4);
                    IntVector bytes = LANES == 8 ? four.blend(nextFour, UPPER_FOUR) : four;
                    FloatVector groups = ((FloatVector) bytes.lanewise(VectorOperators.LSHR, TO_BYTE).and(63).sub(32)
                            .convert(VectorOperators.I2F, 0)).mul(scale);
                    FloatVector nextGroups = groups;
                    excess = groups.fma(FloatVector.fromMemorySegment(FLOATS, activations, sumsAt, LITTLE_ENDIAN), excess);
                    if (LANES == 4) {
                        nextGroups = ((FloatVector) nextFour.lanewise(VectorOperators.LSHR, TO_BYTE).and(63).sub(32)
                                .convert(VectorOperators.I2F, 0)).mul(scale);
                        excess = nextGroups.fma(FloatVector.fromMemorySegment(FLOATS, activations, sumsAt + 16, LITTLE_ENDIAN), excess);
                    }
                    for (int vector = 0; vector < VECTORS; vector++) {
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 32 + 32 * half + vector * VECTOR_BYTES,
                                LITTLE_ENDIAN);
                        IntVector thirds = IntVector.fromMemorySegment(INTS, memory, block + vector * VECTOR_BYTES, LITTLE_ENDIAN)
                                .lanewise(VectorOperators.LSHR, 4 * half);
                        for (int pair = 0; pair < 2; pair++) {
                            long xAt = part + ((half * VECTORS + vector) * 2 + pair) * 8 * VECTOR_BYTES;
                            FloatVector low = FloatVector.zero(FLOATS);
                            FloatVector high = FloatVector.zero(FLOATS);
                            IntVector bits = thirds.lanewise(VectorOperators.LSHR, pair);
                            IntVector fields = words.lanewise(VectorOperators.LSHR, 2 * pair).and(0x33333333)
                                    .or(bits.lanewise(VectorOperators.LSHL, 2).and(0x04040404))
                                    .or(bits.lanewise(VectorOperators.LSHL, 4).and(0x40404040));
                            IntVector highs = fields.lanewise(VectorOperators.LSHR, 4);
                            for (int step = 0; step < 4; step++) {
                                long at = xAt + step * 2 * VECTOR_BYTES;
                                low = ((FloatVector) fields.and(7 << 8 * step).convert(VectorOperators.I2F, 0))
                                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, at, LITTLE_ENDIAN), low);
                                high = ((FloatVector) highs.and(7 << 8 * step).convert(VectorOperators.I2F, 0))
                                        .fma(FloatVector.fromMemorySegment(FLOATS, activations, at + VECTOR_BYTES, LITTLE_ENDIAN), high);
                            }
                            IntVector group = QUADS.add(2 * pair + vector);
                            lowSum = low.fma(group.selectFrom(groups.reinterpretAsInts()).reinterpretAsFloats(), lowSum);
                            highSum = high.fma((LANES == 8 ? group.add(4) : group).selectFrom(nextGroups.reinterpretAsInts())
                                    .reinterpretAsFloats(), highSum);
                        }
                    }
                }
            }
            // The zero point is 4.
            lowSum.add(highSum).sub(excess.mul(4)).intoArray(sums, row * LANES);
        }
    }
}
