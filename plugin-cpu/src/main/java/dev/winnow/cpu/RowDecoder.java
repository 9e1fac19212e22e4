package dev.winnow.cpu;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.winnow.spi.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes weights to floats with vectors, for the common types and vectors of at least 256 bits; everything else is decoded by {@link GgmlType#dequantize}.
 * Bytes are widened to ints while they are loaded, and nibbles cut out of the ints: C2 has no good byte shifts.
 */
final class RowDecoder {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final boolean WIDE = LANES >= 8;

    /** As many bytes as there are floats in a vector. */
    static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, WIDE ? VectorShape.forBitSize(8 * LANES) : VectorShape.S_64_BIT);

    /** As many shorts as there are floats in a vector. */
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
            WIDE ? VectorShape.forBitSize(16 * LANES) : VectorShape.S_64_BIT);

    private static final IntVector LANE_NUMBERS = IntVector.zero(INTS).addIndex(1);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private RowDecoder() {}

    /**
     * Decodes {@code elements} weights, a multiple of the type's block size.
     *
     * @param data   the matrix
     * @param offset offset of the first block in {@code data}
     */
    static void decode(GgmlType type, MemorySegment data, long offset, int elements, float[] target, int out) {
        if (!WIDE) {
            type.dequantize(data, offset, elements, target, out);
            return;
        }
        MemorySegment memory = VectorSupport.view(data);
        long at = VectorSupport.base(data) + offset;
        switch (type) {
            case Q4_0 -> q40(memory, at, elements, target, out);
            case Q4_1 -> q41(memory, at, elements, target, out);
            case Q5_0 -> q50(memory, at, elements, target, out);
            case Q5_1 -> q51(memory, at, elements, target, out);
            case Q8_0 -> q80(memory, at, elements, target, out);
            case Q4_K -> q4k(memory, at, elements, target, out);
            case Q5_K -> q5k(memory, at, elements, target, out);
            case Q6_K -> q6k(memory, at, elements, target, out);
            case F16 -> halves(memory, at, elements, target, out);
            default -> type.dequantize(data, offset, elements, target, out);
        }
    }

    private static float half(MemorySegment memory, long at) {
        return Float.float16ToFloat(memory.get(SHORT, at));
    }

    private static IntVector bytes(MemorySegment memory, long at) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, memory, at, LITTLE_ENDIAN).convertShape(VectorOperators.ZERO_EXTEND_B2I,
                INTS, 0);
    }

    private static FloatVector floats(IntVector quants) {
        return (FloatVector) quants.convert(VectorOperators.I2F, 0);
    }

    private static void q40(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 32, at += 18) {
            FloatVector scale = FloatVector.broadcast(FLOATS, half(memory, at));
            FloatVector zero = scale.mul(-8);
            for (int j = 0; j < 16; j += LANES) {
                IntVector packed = bytes(memory, at + 2 + j);
                floats(packed.and(15)).fma(scale, zero).intoArray(target, i + j);
                floats(packed.lanewise(VectorOperators.LSHR, 4)).fma(scale, zero).intoArray(target, i + 16 + j);
            }
        }
    }

    private static void q41(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 32, at += 20) {
            FloatVector scale = FloatVector.broadcast(FLOATS, half(memory, at));
            FloatVector min = FloatVector.broadcast(FLOATS, half(memory, at + 2));
            for (int j = 0; j < 16; j += LANES) {
                IntVector packed = bytes(memory, at + 4 + j);
                floats(packed.and(15)).fma(scale, min).intoArray(target, i + j);
                floats(packed.lanewise(VectorOperators.LSHR, 4)).fma(scale, min).intoArray(target, i + 16 + j);
            }
        }
    }

    /** Bit {@code first + lane} of {@code bits}, as the value 16 in every lane where it is set. */
    private static IntVector fifthBit(int bits, int first) {
        return IntVector.broadcast(INTS, bits >>> first).lanewise(VectorOperators.LSHR, LANE_NUMBERS).and(1).lanewise(VectorOperators.LSHL,
                4);
    }

    private static void q50(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 32, at += 22) {
            FloatVector scale = FloatVector.broadcast(FLOATS, half(memory, at));
            FloatVector zero = scale.mul(-16);
            int high = memory.get(INT, at + 2);
            for (int j = 0; j < 16; j += LANES) {
                IntVector packed = bytes(memory, at + 6 + j);
                floats(packed.and(15).or(fifthBit(high, j))).fma(scale, zero).intoArray(target, i + j);
                floats(packed.lanewise(VectorOperators.LSHR, 4).or(fifthBit(high, j + 16))).fma(scale, zero).intoArray(target, i + 16 + j);
            }
        }
    }

    private static void q51(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 32, at += 24) {
            FloatVector scale = FloatVector.broadcast(FLOATS, half(memory, at));
            FloatVector min = FloatVector.broadcast(FLOATS, half(memory, at + 2));
            int high = memory.get(INT, at + 4);
            for (int j = 0; j < 16; j += LANES) {
                IntVector packed = bytes(memory, at + 8 + j);
                floats(packed.and(15).or(fifthBit(high, j))).fma(scale, min).intoArray(target, i + j);
                floats(packed.lanewise(VectorOperators.LSHR, 4).or(fifthBit(high, j + 16))).fma(scale, min).intoArray(target, i + 16 + j);
            }
        }
    }

    private static void q80(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 32, at += 34) {
            float scale = half(memory, at);
            for (int j = 0; j < 32; j += LANES) {
                IntVector quants = (IntVector) ByteVector.fromMemorySegment(BYTES, memory, at + 2 + j, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.B2I, INTS, 0);
                floats(quants).mul(scale).intoArray(target, i + j);
            }
        }
    }

    private static int unsigned(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    /** Scale of a sub-block of Q4_K or Q5_K, 6 bits. */
    private static int scaleK(MemorySegment memory, long scales, int sub) {
        return sub < 4
                ? unsigned(memory, scales + sub) & 63
                : unsigned(memory, scales + sub + 4) & 15 | unsigned(memory, scales + sub - 4) >> 6 << 4;
    }

    /** Minimum of a sub-block of Q4_K or Q5_K, 6 bits. */
    private static int minK(MemorySegment memory, long scales, int sub) {
        return sub < 4
                ? unsigned(memory, scales + sub + 4) & 63
                : unsigned(memory, scales + sub + 4) >> 4 | unsigned(memory, scales + sub) >> 6 << 4;
    }

    private static void q4k(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 256, at += 144) {
            float scale = half(memory, at);
            float min = half(memory, at + 2);
            for (int sub = 0; sub < 8; sub += 2) {
                FloatVector lowScale = FloatVector.broadcast(FLOATS, scale * scaleK(memory, at + 4, sub));
                FloatVector lowMin = FloatVector.broadcast(FLOATS, -min * minK(memory, at + 4, sub));
                FloatVector highScale = FloatVector.broadcast(FLOATS, scale * scaleK(memory, at + 4, sub + 1));
                FloatVector highMin = FloatVector.broadcast(FLOATS, -min * minK(memory, at + 4, sub + 1));
                for (int j = 0; j < 32; j += LANES) {
                    IntVector packed = bytes(memory, at + 16 + sub * 16 + j);
                    floats(packed.and(15)).fma(lowScale, lowMin).intoArray(target, i + sub * 32 + j);
                    floats(packed.lanewise(VectorOperators.LSHR, 4)).fma(highScale, highMin).intoArray(target, i + sub * 32 + 32 + j);
                }
            }
        }
    }

    private static void q5k(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 256, at += 176) {
            float scale = half(memory, at);
            float min = half(memory, at + 2);
            for (int sub = 0; sub < 8; sub += 2) {
                FloatVector lowScale = FloatVector.broadcast(FLOATS, scale * scaleK(memory, at + 4, sub));
                FloatVector lowMin = FloatVector.broadcast(FLOATS, -min * minK(memory, at + 4, sub));
                FloatVector highScale = FloatVector.broadcast(FLOATS, scale * scaleK(memory, at + 4, sub + 1));
                FloatVector highMin = FloatVector.broadcast(FLOATS, -min * minK(memory, at + 4, sub + 1));
                for (int j = 0; j < 32; j += LANES) {
                    IntVector packed = bytes(memory, at + 48 + sub * 16 + j);
                    IntVector high = bytes(memory, at + 16 + j).lanewise(VectorOperators.LSHR, sub);
                    IntVector lowFifth = high.and(1).lanewise(VectorOperators.LSHL, 4);
                    IntVector highFifth = high.and(2).lanewise(VectorOperators.LSHL, 3);
                    floats(packed.and(15).or(lowFifth)).fma(lowScale, lowMin).intoArray(target, i + sub * 32 + j);
                    floats(packed.lanewise(VectorOperators.LSHR, 4).or(highFifth)).fma(highScale, highMin).intoArray(target,
                            i + sub * 32 + 32 + j);
                }
            }
        }
    }

    private static void q6k(MemorySegment memory, long from, int elements, float[] target, int out) {
        long at = from;
        for (int i = out; i < out + elements; i += 256, at += 210) {
            float scale = half(memory, at + 208);
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 32; j += LANES) {
                    IntVector first = bytes(memory, at + half * 64 + j);
                    IntVector second = bytes(memory, at + half * 64 + 32 + j);
                    IntVector high = bytes(memory, at + 128 + half * 32 + j);
                    long scales = at + 192 + half * 8 + j / 16;
                    int to = i + half * 128 + j;
                    sixBits(first.and(15).or(high.and(3).lanewise(VectorOperators.LSHL, 4)),
                            scale * memory.get(ValueLayout.JAVA_BYTE, scales)).intoArray(target, to);
                    sixBits(second.and(15).or(high.and(12).lanewise(VectorOperators.LSHL, 2)),
                            scale * memory.get(ValueLayout.JAVA_BYTE, scales + 2))
                            .intoArray(target, to + 32);
                    sixBits(first.lanewise(VectorOperators.LSHR, 4).or(high.and(48)), scale * memory.get(ValueLayout.JAVA_BYTE, scales + 4))
                            .intoArray(target, to + 64);
                    sixBits(second.lanewise(VectorOperators.LSHR, 4).or(high.and(192).lanewise(VectorOperators.LSHR, 2)),
                            scale * memory.get(ValueLayout.JAVA_BYTE, scales + 6)).intoArray(target, to + 96);
                }
            }
        }
    }

    private static FloatVector sixBits(IntVector quants, float scale) {
        return floats(quants.sub(32)).mul(scale);
    }

    /**
     * Converts F16 to F32 by moving exponent and mantissa into place and multiplying by 2^112, the difference of the exponent biases; subnormal numbers come out
     * right because the multiplication normalises them. Infinities and NaN, which no sound weight or key is, become large numbers.
     */
    static void halves(MemorySegment memory, long at, int elements, float[] target, int out) {
        int i = 0;
        for (; WIDE && i <= elements - LANES; i += LANES) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, memory, at + 2L * i, LITTLE_ENDIAN)
                    .convertShape(VectorOperators.S2I, INTS, 0);
            bits.lanewise(VectorOperators.LSHL, 13).and(0x8FFFE000).reinterpretAsFloats().mul(0x1p112f).intoArray(target, out + i);
        }
        for (; i < elements; i++) {
            target[out + i] = half(memory, at + 2L * i);
        }
    }
}
