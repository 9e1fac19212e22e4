package dev.winnow.spi;

import static dev.winnow.spi.PlainFormats.bits;
import static dev.winnow.spi.PlainFormats.half;
import static dev.winnow.spi.PlainFormats.uint16;
import static dev.winnow.spi.PlainFormats.uint8;

import java.lang.foreign.MemorySegment;

/** Formats whose 4-bit quants are indexes into a table of values. Nibbles lie as in Q4_0. */
final class TableFormats {

    /** The non-linear levels of IQ4_NL and IQ4_XS, for quants 0 to 15. */
    private static final byte[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Twice the values of the 4-bit float E2M1 (OCP Microscaling Formats 1.0): sign, two exponent bits, one mantissa bit. */
    private static final byte[] E2M1_DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private TableFormats() {}

    /** d, 16 bytes of quants: d·level. */
    static void iq4_nl(MemorySegment source, long offset, float[] target, int start) {
        lookUp(source, offset, 2, NON_LINEAR, half(source, offset), target, start);
    }

    /** d, eight pairs of high scale bits in 16 bits, eight low scale nibbles in 4 bytes, 128 bytes of quants: d·(scale − 32)·level, one scale for 32 elements. */
    static void iq4_xs(MemorySegment source, long offset, float[] target, int start) {
        float scale = half(source, offset);
        int highBits = uint16(source, offset + 2);
        for (int group = 0; group < 8; group++) {
            int low = bits(source, offset, 4 + group / 2, group % 2 * 4, 15);
            int high = (highBits >> (2 * group)) & 3;
            float groupScale = scale * ((low | (high << 4)) - 32);
            lookUp(source, offset, 8 + 16 * group, NON_LINEAR, groupScale, target, start + 32 * group);
        }
    }

    /** An E8M0 exponent e, 16 bytes of quants: 2^(e − 128)·doubled E2M1. */
    static void mxfp4(MemorySegment source, long offset, float[] target, int start) {
        lookUp(source, offset, 1, E2M1_DOUBLED, halvedPowerOfTwo(uint8(source, offset, 0)), target, start);
    }

    /** Returns 2^(exponent − 128), half of what an E8M0 number stands for; the two smallest are subnormal floats. */
    private static float halvedPowerOfTwo(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23);
    }

    private static void lookUp(MemorySegment source, long offset, int quants, byte[] levels, float scale, float[] target, int start) {
        for (int j = 0; j < 16; j++) {
            int pair = uint8(source, offset, quants + j);
            target[start + j] = scale * levels[pair & 15];
            target[start + 16 + j] = scale * levels[pair >> 4];
        }
    }
}
