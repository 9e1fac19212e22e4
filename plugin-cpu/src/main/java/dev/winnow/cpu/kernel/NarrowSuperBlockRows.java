package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of Q4_K, Q5_K and Q6_K with vectors of 128 and 256 bits, as those of {@link WideSuperBlockRows}. A block has 4 or 8 vectors of words, each of a single
 * group or two, whose scales are unpacked one by one and broadcast.
 */
public final class NarrowSuperBlockRows {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;
    private static final int PART_BYTES = ActivationOrder.SUPER_PART * Float.BYTES;
    private static final int NIBBLE_PART_BYTES = ActivationOrder.NIBBLE_PART * Float.BYTES;
    private static final int SUMS = 256 * Float.BYTES;
    private static final int PLAIN_SUMS = 264 * Float.BYTES;
    private static final int MINUS_SUMS = 272 * Float.BYTES;

    /** Vectors of the 32 words that hold the lower four bits of a block. */
    private static final int VECTORS = 32 / LANES;

    private static final IntVector ONE = IntVector.broadcast(INTS, Float.floatToRawIntBits(1));
    private static final IntVector UPPER_4 = IntVector.broadcast(INTS, 15 << 19);
    private static final IntVector LOWER_4 = IntVector.broadcast(INTS, 15 << 15);
    private static final IntVector QUANT_5 = IntVector.broadcast(INTS, 31 << 18);
    private static final IntVector QUANT_6 = IntVector.broadcast(INTS, 63 << 17);
    private static final int NIBBLES = 0x0f0f0f0f;
    private static final VectorMask<Float> UPPER_HALF = VectorMask.fromLong(FLOATS, LANES == 8 ? 0xf0 : 0);

    private NarrowSuperBlockRows() {}

    public static void q4_k(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment activations = VectorSupport.view(x);
        long first = VectorSupport.base(weights) + offset;
        long xFirst = VectorSupport.base(x) + xOffset;
        for (int row = 0; row < rows; row++) {
            long start = first + row * rowBytes;
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            float excess = 0;
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 144L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * NIBBLE_PART_BYTES) & VectorSupport.ADDRESSES;
                float scale = 16 * WeightBytes.half(memory, block);
                float minScale = WeightBytes.half(memory, block + 2);
                long scales = scales(memory, block);
                long minima = minima(memory, block);
                for (int vector = 0; vector < VECTORS; vector++) {
                    int shift = vector * LANES / 8 * 16; // two groups share their words
                    float lowScale = scale * (scales >>> shift & 63);
                    float highScale = scale * (scales >>> shift + 8 & 63);
                    if (vector * LANES % 8 == 0) {
                        float lowMin = minScale * (minima >>> shift & 63);
                        float highMin = minScale * (minima >>> shift + 8 & 63);
                        long sumsAt = part + PLAIN_SUMS + vector * LANES;
                        excess = Math.fma(lowMin, activations.get(ValueLayout.JAVA_FLOAT, sumsAt), excess);
                        excess = Math.fma(highMin, activations.get(ValueLayout.JAVA_FLOAT, sumsAt + 4), excess);
                    }
                    FloatVector lowScales = FloatVector.broadcast(FLOATS, lowScale);
                    FloatVector highScales = FloatVector.broadcast(FLOATS, highScale);
                    long xAt = part + vector * 8 * VECTOR_BYTES;
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 16 + vector * VECTOR_BYTES, LITTLE_ENDIAN);
                    long minusSums = part + MINUS_SUMS + vector * 2 * VECTOR_BYTES;
                    FloatVector low = FloatVector.fromMemorySegment(FLOATS, activations, minusSums, LITTLE_ENDIAN);
                    FloatVector high = FloatVector.fromMemorySegment(FLOATS, activations, minusSums + VECTOR_BYTES, LITTLE_ENDIAN);
                    low = words.lanewise(VectorOperators.LSHL, 19).and(UPPER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt, LITTLE_ENDIAN), low);
                    high = words.lanewise(VectorOperators.LSHR, 13).and(LOWER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + VECTOR_BYTES, LITTLE_ENDIAN), high);
                    IntVector moved = words.lanewise(VectorOperators.LSHL, 11);
                    low = moved.and(UPPER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 2 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                    high = moved.and(LOWER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 3 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                    moved = words.lanewise(VectorOperators.LSHL, 3);
                    low = moved.and(UPPER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 4 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                    high = moved.and(LOWER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 5 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                    moved = words.lanewise(VectorOperators.LSHR, 5);
                    low = moved.and(UPPER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 6 * VECTOR_BYTES, LITTLE_ENDIAN), low);
                    high = moved.and(LOWER_4).or(ONE).reinterpretAsFloats()
                            .fma(FloatVector.fromMemorySegment(FLOATS, activations, xAt + 7 * VECTOR_BYTES, LITTLE_ENDIAN), high);
                    lowSum = low.fma(lowScales, lowSum);
                    highSum = high.fma(highScales, highSum);
                }
            }
            lowSum.add(highSum).sub(FloatVector.broadcast(FLOATS, excess / LANES))
                    .intoArray(sums, row * LANES);
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
            FloatVector lowSum = FloatVector.zero(FLOATS);
            FloatVector highSum = FloatVector.zero(FLOATS);
            float excess = 0;
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 176L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                float scale = 32 * WeightBytes.half(memory, block);
                float minScale = WeightBytes.half(memory, block + 2);
                long scales = scales(memory, block);
                long minima = minima(memory, block);
                for (int vector = 0; vector < VECTORS; vector++) {
                    int shift = vector * LANES / 8 * 16; // two groups share their words
                    float lowScale = scale * (scales >>> shift & 63);
                    float highScale = scale * (scales >>> shift + 8 & 63);
                    if (vector * LANES % 8 == 0) {
                        float lowMin = minScale * (minima >>> shift & 63);
                        float highMin = minScale * (minima >>> shift + 8 & 63);
                        long sumsAt = part + SUMS + vector * LANES;
                        excess = Math.fma(lowScale + lowMin, activations.get(ValueLayout.JAVA_FLOAT, sumsAt), excess);
                        excess = Math.fma(highScale + highMin, activations.get(ValueLayout.JAVA_FLOAT, sumsAt + 4), excess);
                    }
                    FloatVector lowScales = FloatVector.broadcast(FLOATS, lowScale);
                    FloatVector highScales = FloatVector.broadcast(FLOATS, highScale);
                    long xAt = part + vector * 8 * VECTOR_BYTES;
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, block + 48 + vector * VECTOR_BYTES, LITTLE_ENDIAN);
                    IntVector bits = IntVector.fromMemorySegment(INTS, memory, block + 16 + vector * VECTOR_BYTES % 32, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHR, vector * LANES / 8 * 2);
                    IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x10101010));
                    IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES)
                            .or(bits.lanewise(VectorOperators.LSHL, 3).and(0x10101010));
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
                    lowSum = low.fma(lowScales, lowSum);
                    highSum = high.fma(highScales, highSum);
                }
            }
            lowSum.add(highSum).sub(FloatVector.broadcast(FLOATS, excess / LANES))
                    .intoArray(sums, row * LANES);
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
            float excess = 0;
            for (int i = 0; i < columns / 256; i++) {
                long block = (start + i * 210L) & VectorSupport.ADDRESSES;
                long part = (xFirst + (long) i * PART_BYTES) & VectorSupport.ADDRESSES;
                float scale = 64 * WeightBytes.half(memory, block + 208);
                for (int group = 0; group < 16; group++) {
                    float sum = activations.get(ValueLayout.JAVA_FLOAT, part + SUMS + 4L * group);
                    excess = Math.fma(scale * WeightBytes.int8(memory, block + 192 + group), sum, excess);
                }
                for (int vector = 0; vector < VECTORS; vector++) {
                    int group = vector * LANES / 16 * 8 + vector * LANES / 4 % 4;
                    FloatVector lowScales = FloatVector.broadcast(FLOATS, scale * WeightBytes.int8(memory, block + 192 + group));
                    FloatVector highScales = FloatVector.broadcast(FLOATS, scale * WeightBytes.int8(memory, block + 196 + group));
                    if (LANES == 8) {
                        lowScales = lowScales.blend(FloatVector.broadcast(FLOATS, scale * WeightBytes.int8(memory, block + 193 + group)),
                                UPPER_HALF);
                        highScales = highScales.blend(FloatVector.broadcast(FLOATS, scale * WeightBytes.int8(memory, block + 197 + group)),
                                UPPER_HALF);
                    }
                    long xAt = part + vector * 8 * VECTOR_BYTES;
                    IntVector words = IntVector.fromMemorySegment(INTS, memory, block + vector * VECTOR_BYTES, LITTLE_ENDIAN);
                    long fields = block + 128 + vector * VECTOR_BYTES / 64 * 32 + vector * VECTOR_BYTES % 32;
                    IntVector bits = IntVector.fromMemorySegment(INTS, memory, fields, LITTLE_ENDIAN)
                            .lanewise(VectorOperators.LSHR, vector * LANES / 8 % 2 * 2);
                    IntVector lows = words.and(NIBBLES).or(bits.lanewise(VectorOperators.LSHL, 4).and(0x30303030));
                    IntVector highs = words.lanewise(VectorOperators.LSHR, 4).and(NIBBLES).or(bits.and(0x30303030));
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
                    lowSum = low.fma(lowScales, lowSum);
                    highSum = high.fma(highScales, highSum);
                }
            }
            lowSum.add(highSum).sub(FloatVector.broadcast(FLOATS, excess / LANES))
                    .intoArray(sums, row * LANES);
        }
    }

    /** Returns the eight 6-bit scales of a Q4_K or Q5_K block as bytes. */
    private static long scales(MemorySegment memory, long block) {
        int low = WeightBytes.int32(memory, block + 4);
        int rest = WeightBytes.int32(memory, block + 12);
        return (low & 0x3f3f3f3fL) | ((rest & 0x0f0f0f0fL) | (low >>> 2 & 0x30303030L)) << 32;
    }

    /** Returns the eight 6-bit minima of a Q4_K or Q5_K block as bytes. */
    private static long minima(MemorySegment memory, long block) {
        int low = WeightBytes.int32(memory, block + 8);
        int rest = WeightBytes.int32(memory, block + 12);
        return (low & 0x3f3f3f3fL) | ((rest >>> 4 & 0x0f0f0f0fL) | (low >>> 2 & 0x30303030L)) << 32;
    }
}
