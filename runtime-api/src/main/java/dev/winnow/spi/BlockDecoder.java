package dev.winnow.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Exact scalar decoding of ggml blocks (layouts: ggml-common.h, formulas: ggml-quants.c). The order of the float operations is ggml's, so the results are the
 * same bits. This is the specification that vector kernels are tested against.
 */
final class BlockDecoder {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The 16 values of a non-linear 4-bit weight (IQ4_NL, IQ4_XS). */
    private static final int[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** The 16 values of an e2m1 number, doubled (MXFP4). */
    private static final int[] E2M1_DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private BlockDecoder() {}

    static void decode(GgmlType type, MemorySegment source, long from, int elements, float[] target, int targetOffset) {
        int blockSize = type.blockSize();
        long at = from;
        for (int done = 0; done < elements; done += blockSize, at += type.blockBytes()) {
            int out = targetOffset + done;
            switch (type) {
                case F32 -> target[out] = source.get(FLOAT, at);
                case F16 -> target[out] = half(source, at);
                case BF16 -> target[out] = Float.intBitsToFloat(source.get(SHORT, at) << 16);
                case Q4_0 -> q4(source, at + 2, half(source, at), -8, target, out);
                case Q4_1 -> q41(source, at, target, out);
                case Q5_0 -> q50(source, at, target, out);
                case Q5_1 -> q51(source, at, target, out);
                case Q8_0 -> q80(source, at, target, out);
                case Q2_K -> q2k(source, at, target, out);
                case Q3_K -> q3k(source, at, target, out);
                case Q4_K -> q4k(source, at, target, out);
                case Q5_K -> q5k(source, at, target, out);
                case Q6_K -> q6k(source, at, target, out);
                case IQ4_NL -> table(source, at + 2, half(source, at), NON_LINEAR, target, out);
                case IQ4_XS -> iq4xs(source, at, target, out);
                case MXFP4 -> table(source, at + 1, e8m0Half(unsigned(source, at)), E2M1_DOUBLED, target, out);
            }
        }
    }

    private static float half(MemorySegment source, long at) {
        return Float.float16ToFloat(source.get(SHORT, at));
    }

    private static int unsigned(MemorySegment source, long at) {
        return source.get(JAVA_BYTE, at) & 0xFF;
    }

    /** 2^(e − 128): half of an E8M0 scale, because the table of its values is doubled. */
    private static float e8m0Half(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23);
    }

    private static void q4(MemorySegment source, long quants, float scale, int zero, float[] target, int out) {
        for (int j = 0; j < 16; j++) {
            int packed = unsigned(source, quants + j);
            target[out + j] = ((packed & 15) + zero) * scale;
            target[out + j + 16] = ((packed >> 4) + zero) * scale;
        }
    }

    private static void q41(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        float min = half(source, at + 2);
        for (int j = 0; j < 16; j++) {
            int packed = unsigned(source, at + 4 + j);
            target[out + j] = (packed & 15) * scale + min;
            target[out + j + 16] = (packed >> 4) * scale + min;
        }
    }

    private static void q50(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        int high = source.get(INT, at + 2);
        for (int j = 0; j < 16; j++) {
            int packed = unsigned(source, at + 6 + j);
            target[out + j] = ((packed & 15 | (high >>> j & 1) << 4) - 16) * scale;
            target[out + j + 16] = ((packed >> 4 | (high >>> (j + 16) & 1) << 4) - 16) * scale;
        }
    }

    private static void q51(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        float min = half(source, at + 2);
        int high = source.get(INT, at + 4);
        for (int j = 0; j < 16; j++) {
            int packed = unsigned(source, at + 8 + j);
            target[out + j] = (packed & 15 | (high >>> j & 1) << 4) * scale + min;
            target[out + j + 16] = (packed >> 4 | (high >>> (j + 16) & 1) << 4) * scale + min;
        }
    }

    private static void q80(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        for (int j = 0; j < 32; j++) {
            target[out + j] = source.get(JAVA_BYTE, at + 2 + j) * scale;
        }
    }

    private static void q2k(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at + 80);
        float min = half(source, at + 82);
        for (int sub = 0; sub < 16; sub++) {
            int packed = unsigned(source, at + sub);
            float subScale = scale * (packed & 15);
            float subMin = min * (packed >> 4);
            // Each half of 128 elements has 32 bytes of four 2-bit fields; a field spans two sub-blocks of 16.
            long quants = at + 16 + sub / 8 * 32 + sub % 2 * 16;
            int shift = sub % 8 / 2 * 2;
            for (int j = 0; j < 16; j++) {
                target[out + sub * 16 + j] = subScale * (unsigned(source, quants + j) >> shift & 3) - subMin;
            }
        }
    }

    private static void q3k(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at + 108);
        for (int sub = 0; sub < 16; sub++) {
            int low = unsigned(source, at + 96 + sub % 8) >> (sub / 8 * 4) & 15;
            int high = unsigned(source, at + 104 + sub % 4) >> (sub / 4 * 2) & 3;
            float subScale = scale * ((low | high << 4) - 32);
            long quants = at + 32 + sub / 8 * 32 + sub % 2 * 16;
            long highBits = at + sub % 2 * 16;
            int shift = sub % 8 / 2 * 2;
            int bit = sub / 2;
            for (int j = 0; j < 16; j++) {
                int quant = unsigned(source, quants + j) >> shift & 3;
                int offset = (unsigned(source, highBits + j) >> bit & 1) == 0 ? 4 : 0;
                target[out + sub * 16 + j] = subScale * (quant - offset);
            }
        }
    }

    /** Scale of a sub-block of Q4_K or Q5_K: 6 bits. */
    private static int scaleK(MemorySegment source, long scales, int sub) {
        return sub < 4
                ? unsigned(source, scales + sub) & 63
                : unsigned(source, scales + sub + 4) & 15 | unsigned(source, scales + sub - 4) >> 6 << 4;
    }

    /** Minimum of a sub-block of Q4_K or Q5_K: 6 bits. */
    private static int minK(MemorySegment source, long scales, int sub) {
        return sub < 4
                ? unsigned(source, scales + sub + 4) & 63
                : unsigned(source, scales + sub + 4) >> 4 | unsigned(source, scales + sub) >> 6 << 4;
    }

    private static void q4k(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        float min = half(source, at + 2);
        for (int sub = 0; sub < 8; sub++) {
            float subScale = scale * scaleK(source, at + 4, sub);
            float subMin = min * minK(source, at + 4, sub);
            long quants = at + 16 + sub / 2 * 32;
            int shift = sub % 2 * 4;
            for (int j = 0; j < 32; j++) {
                target[out + sub * 32 + j] = subScale * (unsigned(source, quants + j) >> shift & 15) - subMin;
            }
        }
    }

    private static void q5k(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        float min = half(source, at + 2);
        for (int sub = 0; sub < 8; sub++) {
            float subScale = scale * scaleK(source, at + 4, sub);
            float subMin = min * minK(source, at + 4, sub);
            long quants = at + 48 + sub / 2 * 32;
            int shift = sub % 2 * 4;
            for (int j = 0; j < 32; j++) {
                int quant = (unsigned(source, quants + j) >> shift & 15) + (unsigned(source, at + 16 + j) >> sub & 1) * 16;
                target[out + sub * 32 + j] = subScale * quant - subMin;
            }
        }
    }

    private static void q6k(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at + 208);
        for (int sub = 0; sub < 16; sub++) {
            float subScale = scale * source.get(JAVA_BYTE, at + 192 + sub);
            int half = sub / 8;
            int quarter = sub % 8 / 2;
            long low = at + half * 64 + quarter % 2 * 32 + sub % 2 * 16;
            long high = at + 128 + half * 32 + sub % 2 * 16;
            int lowShift = quarter / 2 * 4;
            int highShift = quarter * 2;
            for (int j = 0; j < 16; j++) {
                int quant = unsigned(source, low + j) >> lowShift & 15 | (unsigned(source, high + j) >> highShift & 3) << 4;
                target[out + sub * 16 + j] = subScale * (quant - 32);
            }
        }
    }

    private static void table(MemorySegment source, long quants, float scale, int[] values, float[] target, int out) {
        for (int j = 0; j < 16; j++) {
            int packed = unsigned(source, quants + j);
            target[out + j] = scale * values[packed & 15];
            target[out + j + 16] = scale * values[packed >> 4];
        }
    }

    private static void iq4xs(MemorySegment source, long at, float[] target, int out) {
        float scale = half(source, at);
        int highScales = source.get(SHORT, at + 2) & 0xFFFF;
        for (int sub = 0; sub < 8; sub++) {
            int low = unsigned(source, at + 4 + sub / 2) >> (sub % 2 * 4) & 15;
            int high = highScales >> (2 * sub) & 3;
            table(source, at + 8 + sub * 16, scale * ((low | high << 4) - 32), NON_LINEAR, target, out + sub * 32);
        }
    }
}
