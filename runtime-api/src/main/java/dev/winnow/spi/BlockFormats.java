package dev.winnow.spi;

import static dev.winnow.spi.PlainFormats.half;
import static dev.winnow.spi.PlainFormats.int32;
import static dev.winnow.spi.PlainFormats.int8;
import static dev.winnow.spi.PlainFormats.uint8;

import java.lang.foreign.MemorySegment;

/**
 * Formats with one F16 scale d, and maybe one F16 minimum m, for 32 elements. Byte j of the 4-bit quants holds element j in its low and element j + 16 in its
 * high nibble. The fifth bits of Q5_0 and Q5_1 are a 32-bit number: bit j belongs to element j.
 */
final class BlockFormats {

    private static final int HALF_BLOCK = 16;

    private BlockFormats() {}

    /** d, 16 bytes of quants: (q − 8)·d. */
    static void q4_0(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        for (int j = 0; j < HALF_BLOCK; j++) {
            int quants = uint8(source, offset, 2 + j);
            target[start + j] = ((quants & 15) - 8) * scale;
            target[start + HALF_BLOCK + j] = ((quants >> 4) - 8) * scale;
        }
    }

    /** d, m, 16 bytes of quants: q·d + m. */
    static void q4_1(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        float min = half(source, offset + 2);
        for (int j = 0; j < HALF_BLOCK; j++) {
            int quants = uint8(source, offset, 4 + j);
            target[start + j] = (quants & 15) * scale + min;
            target[start + HALF_BLOCK + j] = (quants >> 4) * scale + min;
        }
    }

    /** d, fifth bits, 16 bytes of quants: (q − 16)·d. */
    static void q5_0(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        int fifthBits = int32(source, offset + 2);
        for (int j = 0; j < HALF_BLOCK; j++) {
            int quants = uint8(source, offset, 6 + j);
            target[start + j] = (((quants & 15) | fifth(fifthBits, j)) - 16) * scale;
            target[start + HALF_BLOCK + j] = (((quants >> 4) | fifth(fifthBits, HALF_BLOCK + j)) - 16) * scale;
        }
    }

    /** d, m, fifth bits, 16 bytes of quants: q·d + m. */
    static void q5_1(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        float min = half(source, offset + 2);
        int fifthBits = int32(source, offset + 4);
        for (int j = 0; j < HALF_BLOCK; j++) {
            int quants = uint8(source, offset, 8 + j);
            target[start + j] = ((quants & 15) | fifth(fifthBits, j)) * scale + min;
            target[start + HALF_BLOCK + j] = ((quants >> 4) | fifth(fifthBits, HALF_BLOCK + j)) * scale + min;
        }
    }

    /** d, 32 signed bytes: q·d. */
    static void q8_0(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        for (int j = 0; j < 2 * HALF_BLOCK; j++) {
            target[start + j] = int8(source, offset, 2 + j) * scale;
        }
    }

    /** Returns the fifth bit of a quant at its place: 0 or 16. */
    private static int fifth(int fifthBits, int element) {
        return (fifthBits >>> element & 1) << 4;
    }
}
