package dev.winnow.spi;

import static dev.winnow.spi.PlainFormats.bits;
import static dev.winnow.spi.PlainFormats.half;
import static dev.winnow.spi.PlainFormats.int8;
import static dev.winnow.spi.PlainFormats.uint8;

import java.lang.foreign.MemorySegment;

/** The "K" formats: 256 elements share one or two F16 scales, by which the small integer scales of 16 or 32 elements are multiplied. */
final class SuperBlockFormats {

    private SuperBlockFormats() {}

    /**
     * 16 bytes (scale in the low, minimum in the high nibble), 64 bytes of quants, d, dmin: d·scale·q − dmin·min. Each half of 128 elements is 32 bytes of
     * quants, read four times with shifts 0, 2, 4, 6.
     */
    static void q2_k(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset + 80);
        float minScale = half(source, offset + 82);
        for (int group = 0; group < 16; group++) {
            int scales = uint8(source, offset, group);
            float groupScale = scale * (scales & 15);
            float groupMin = minScale * (scales >> 4);
            int quants = 16 + group / 8 * 32 + group % 2 * 16;
            int shift = group % 8 / 2 * 2;
            for (int j = 0; j < 16; j++) {
                target[start + 16 * group + j] = groupScale * bits(source, offset, quants + j, shift, 3) - groupMin;
            }
        }
    }

    /**
     * 32 bytes of third bits, 64 bytes of quants as in Q2_K, 12 bytes of 6-bit scales, d: d·(scale − 32)·(q − 4), where the third bit counts 4. Bit n of the
     * third bits belongs to the n-th 32 elements.
     */
    static void q3_k(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset + 108);
        for (int group = 0; group < 16; group++) {
            int low = bits(source, offset, 96 + group % 8, group / 8 * 4, 15);
            int high = bits(source, offset, 104 + group % 4, group / 4 * 2, 3);
            float groupScale = scale * ((low | (high << 4)) - 32);
            int thirdBits = group % 2 * 16;
            int quants = 32 + group / 8 * 32 + group % 2 * 16;
            int shift = group % 8 / 2 * 2;
            for (int j = 0; j < 16; j++) {
                int third = bits(source, offset, thirdBits + j, group / 2, 1);
                target[start + 16 * group + j] = groupScale * ((bits(source, offset, quants + j, shift, 3) | (third << 2)) - 4);
            }
        }
    }

    /** d, dmin, 12 bytes of 6-bit scales and minima, 128 bytes of quants: d·scale·q − dmin·min. 32 bytes hold 32 elements in the low, the next 32 in the high nibbles. */
    static void q4_k(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        float minScale = half(source, offset + 2);
        for (int group = 0; group < 8; group++) {
            float groupScale = scale * scale6(source, offset + 4, group);
            float groupMin = minScale * min6(source, offset + 4, group);
            int quants = 16 + group / 2 * 32;
            int shift = group % 2 * 4;
            for (int j = 0; j < 32; j++) {
                target[start + 32 * group + j] = groupScale * bits(source, offset, quants + j, shift, 15) - groupMin;
            }
        }
    }

    /** As Q4_K, with 32 bytes of fifth bits before the quants: bit n belongs to the n-th 32 elements. */
    static void q5_k(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        float minScale = half(source, offset + 2);
        for (int group = 0; group < 8; group++) {
            float groupScale = scale * scale6(source, offset + 4, group);
            float groupMin = minScale * min6(source, offset + 4, group);
            int quants = 48 + group / 2 * 32;
            int shift = group % 2 * 4;
            for (int j = 0; j < 32; j++) {
                int fifth = bits(source, offset, 16 + j, group, 1);
                target[start + 32 * group + j] = groupScale * (bits(source, offset, quants + j, shift, 15) | (fifth << 4)) - groupMin;
            }
        }
    }

    /**
     * 128 bytes of low 4 bits, 64 bytes of high 2 bits, 16 signed scales, d: d·scale·(q − 32). In each half of 128 elements, the n-th 32 elements have their
     * low bits in 32 of 64 bytes (n odd: the second 32; n ≥ 2: the high nibbles), and their high bits in 32 bytes at shift 2n.
     */
    static void q6_k(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset + 208);
        for (int group = 0; group < 16; group++) {
            float groupScale = scale * int8(source, offset, 192 + group);
            int quarter = group % 8 / 2;
            int low = group / 8 * 64 + quarter % 2 * 32 + group % 2 * 16;
            int high = 128 + group / 8 * 32 + group % 2 * 16;
            for (int j = 0; j < 16; j++) {
                int quant = bits(source, offset, low + j, quarter / 2 * 4, 15) | (bits(source, offset, high + j, 2 * quarter, 3) << 4);
                target[start + 16 * group + j] = groupScale * (quant - 32);
            }
        }
    }

    /** The 6-bit scale of a group: whole in bytes 0–3 for the first four; for the others 4 bits in bytes 8–11 and 2 on top of the first four. */
    private static int scale6(MemorySegment source, long scales, int group) {
        return group < 4
                ? bits(source, scales, group, 0, 63)
                : bits(source, scales, group + 4, 0, 15) | (bits(source, scales, group - 4, 6, 3) << 4);
    }

    /** The 6-bit minimum of a group, laid out as the scales in bytes 4–7 and the high nibbles of bytes 8–11. */
    private static int min6(MemorySegment source, long scales, int group) {
        return group < 4
                ? bits(source, scales, group + 4, 0, 63)
                : bits(source, scales, group + 4, 4, 15) | (bits(source, scales, group, 6, 3) << 4);
    }
}
