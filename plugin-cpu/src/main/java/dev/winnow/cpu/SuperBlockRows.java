package dev.winnow.cpu;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q4_K, Q5_K and Q6_K, blocks of 256 elements. Quants become 1 + q/16, q/32 or q/64 as in {@link FourBitRows}. A first loop over up to
 * {@value #BLOCKS} blocks spreads their scales to lanes and adds up what zero points and minima take off ({@link SuperBlockScales}), a second one multiplies
 * quants: both together are more than the compiler keeps in registers.
 */
final class SuperBlockRows {

    /** Blocks whose scales fit the scratch memory. */
    private static final int BLOCKS = 16;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;

    /** Vectors of the 32 words that hold the lower four bits of a block. */
    private static final int VECTORS = 32 / LANES;

    private static final IntVector ONE = IntVector.broadcast(INTS, Float.floatToRawIntBits(1));
    private static final IntVector QUANT_4 = IntVector.broadcast(INTS, 15 << 19);
    private static final IntVector QUANT_5 = IntVector.broadcast(INTS, 31 << 18);
    private static final IntVector QUANT_6 = IntVector.broadcast(INTS, 63 << 17);
    private static final int NIBBLES = 0x0f0f0f0f;

    /** The lanes of a vector of 16 words modulo 8, to have the same 8 words twice. */
    private static final IntVector LANE_OF_8 = IntVector.zero(INTS).addIndex(1).and(7);

    /** The upper 8 of 16 lanes look two bits further. */
    private static final IntVector TWO_IN_UPPER_LANES = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.LSHR, 3).mul(2);

    private SuperBlockRows() {}

    static void q4_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            MemorySegment scratch, float[] out, int outOffset) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        MemorySegment scales = VectorSupport.view(scratch);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        long scalesFirst = VectorSupport.base(scratch) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            float excess = 0;
            for (int from = 0; from < columns / 256; from += BLOCKS) {
                int count = Math.min(BLOCKS, columns / 256 - from);
                excess += SuperBlockScales.groupsOf32(memory, start + from * 144L, 144, count, 16, activations,
                        xFirst + (long) from * PART_BYTES, scales, scalesFirst);
                long blocks = (start + from * 144L + 16) & VectorSupport.ADDRESSES;
                long parts = (xFirst + (long) from * PART_BYTES) & VectorSupport.ADDRESSES;
                for (int i = 0; i < count; i++) {
                    for (int vector = 0; vector < VECTORS; vector++) {
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, blocks + i * 144L + vector * VECTOR_BYTES,
                                LITTLE_ENDIAN);
                        long xAt = parts + (long) i * PART_BYTES + vector * 8 * VECTOR_BYTES;
                        long scalesAt = scalesFirst + i * 256L + vector * 2 * VECTOR_BYTES;
                        FloatVector low = words.lanewise(VectorOperators.LSHL, 19).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                        FloatVector high = words.lanewise(VectorOperators.LSHL, 15).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                        low = words.lanewise(VectorOperators.LSHL, 11).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = words.lanewise(VectorOperators.LSHL, 7).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = words.lanewise(VectorOperators.LSHL, 3).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = words.lanewise(VectorOperators.LSHR, 1).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = words.lanewise(VectorOperators.LSHR, 5).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = words.lanewise(VectorOperators.LSHR, 9).and(QUANT_4).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        lowSum = low.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt, LITTLE_ENDIAN), lowSum);
                        highSum = high.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt + VECTOR_BYTES, LITTLE_ENDIAN), highSum);
                    }
                }
            }
            out[outOffset + row] = VectorSupport.sumLanes(lowSum.add(highSum)) - excess;
        }
    }

    static void q5_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            MemorySegment scratch, float[] out, int outOffset) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        MemorySegment scales = VectorSupport.view(scratch);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        long scalesFirst = VectorSupport.base(scratch) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            float excess = 0;
            for (int from = 0; from < columns / 256; from += BLOCKS) {
                int count = Math.min(BLOCKS, columns / 256 - from);
                excess += SuperBlockScales.groupsOf32(memory, start + from * 176L, 176, count, 32, activations,
                        xFirst + (long) from * PART_BYTES, scales, scalesFirst);
                long blocks = (start + from * 176L) & VectorSupport.ADDRESSES;
                long parts = (xFirst + (long) from * PART_BYTES) & VectorSupport.ADDRESSES;
                for (int i = 0; i < count; i++) {
                    for (int vector = 0; vector < VECTORS; vector++) {
                        long at = blocks + i * 176L;
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, at + 48 + vector * VECTOR_BYTES, LITTLE_ENDIAN);
                        // bit 2·pair + h of a byte is the fifth bit of nibble h, for the pair of groups that the 8 words of a lane belong to
                        IntVector fifths;
                        if (LANES == 16) {
                            fifths = LANE_OF_8.selectFrom(IntVector.fromMemorySegment(INTS, memory, at + 16, LITTLE_ENDIAN))
                                    .lanewise(VectorOperators.LSHR, TWO_IN_UPPER_LANES).lanewise(VectorOperators.LSHR, 4 * vector);
                        } else {
                            fifths = IntVector.fromMemorySegment(INTS, memory, at + 16 + vector * VECTOR_BYTES % 32, LITTLE_ENDIAN)
                                    .lanewise(VectorOperators.LSHR, vector * LANES / 8 * 2);
                        }
                        IntVector lows = words.and(NIBBLES).or(fifths.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                        IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                                .or(fifths.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
                        long xAt = parts + (long) i * PART_BYTES + vector * 8 * VECTOR_BYTES;
                        long scalesAt = scalesFirst + i * 256L + vector * 2 * VECTOR_BYTES;
                        FloatVector low = lows.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                        FloatVector high = highs.lanewise(VectorOperators.LSHL, 18).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                        low = lows.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHL, 10).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = lows.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHL, 2).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = lows.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHR, 6).and(QUANT_5).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        lowSum = low.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt, LITTLE_ENDIAN), lowSum);
                        highSum = high.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt + VECTOR_BYTES, LITTLE_ENDIAN), highSum);
                    }
                }
            }
            out[outOffset + row] = VectorSupport.sumLanes(lowSum.add(highSum)) - excess;
        }
    }

    static void q6_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            MemorySegment scratch, float[] out, int outOffset) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        MemorySegment scales = VectorSupport.view(scratch);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = (VectorSupport.base(x) + xOffset) & VectorSupport.ADDRESSES;
        long scalesFirst = VectorSupport.base(scratch) & VectorSupport.ADDRESSES;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            float excess = 0;
            for (int from = 0; from < columns / 256; from += BLOCKS) {
                int count = Math.min(BLOCKS, columns / 256 - from);
                excess += SuperBlockScales.groupsOf16(memory, start + from * 210L, count, activations, xFirst + (long) from * PART_BYTES,
                        scales, scalesFirst);
                long blocks = (start + from * 210L) & VectorSupport.ADDRESSES;
                long parts = (xFirst + (long) from * PART_BYTES) & VectorSupport.ADDRESSES;
                for (int i = 0; i < count; i++) {
                    for (int vector = 0; vector < VECTORS; vector++) {
                        long at = blocks + i * 210L;
                        IntVector words = IntVector.fromMemorySegment(INTS, memory, at + vector * VECTOR_BYTES, LITTLE_ENDIAN);
                        // nibble h of the n-th 8 words of a half has the 2-bit field n + 2h of a byte
                        IntVector fields;
                        if (LANES == 16) {
                            IntVector both = IntVector.fromMemorySegment(INTS, memory, at + 128, LITTLE_ENDIAN); // halves of the block
                            fields = LANE_OF_8.add(8 * vector).selectFrom(both).lanewise(VectorOperators.LSHR, TWO_IN_UPPER_LANES);
                        } else {
                            long field = at + 128 + vector * VECTOR_BYTES / 64 * 32 + vector * VECTOR_BYTES % 32;
                            fields = IntVector.fromMemorySegment(INTS, memory, field, LITTLE_ENDIAN)
                                    .lanewise(VectorOperators.LSHR, vector * LANES / 8 % 2 * 2);
                        }
                        IntVector lows = words.and(NIBBLES).or(fields.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                        IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(fields.and(0x30303030));
                        long xAt = parts + (long) i * PART_BYTES + vector * 8 * VECTOR_BYTES;
                        long scalesAt = scalesFirst + i * 256L + vector * 2 * VECTOR_BYTES;
                        FloatVector low = lows.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN));
                        FloatVector high = highs.lanewise(VectorOperators.LSHL, 17).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .mul(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN));
                        low = lows.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHL, 9).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = lows.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHL, 1).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        low = lows.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                        high = highs.lanewise(VectorOperators.LSHR, 7).and(QUANT_6).or(ONE).reinterpretAsFloats()
                                .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                        lowSum = low.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt, LITTLE_ENDIAN), lowSum);
                        highSum = high.fma(FloatVector.fromMemorySegment(FLOATS, scales, scalesAt + VECTOR_BYTES, LITTLE_ENDIAN), highSum);
                    }
                }
            }
            out[outOffset + row] = VectorSupport.sumLanes(lowSum.add(highSum)) - excess;
        }
    }
}
