package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Strips of the "K" formats, one block of 256 elements at a time. Layouts and formulas are those of {@link dev.winnow.spi.GgmlType#dequantize}. */
public final class SuperBlockStrips {

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = 256;

    private SuperBlockStrips() {}

    public static void q2_k(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int block = 0; block < columns / BLOCK; block++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + block * 84L) & VectorSupport.ADDRESSES;
                float scale = WeightBytes.half(memory, at + 80);
                float minScale = WeightBytes.half(memory, at + 82);
                for (int group = 0; group < 16; group++) {
                    int scales = WeightBytes.uint8(memory, at + group);
                    scratch.scales[group * LANES + row] = scale * (scales & 15);
                    scratch.mins[group * LANES + row] = -minScale * (scales >> 4);
                }
                WeightBytes.copyWords(memory, at + 16, 16, scratch.words, row, LANES);
            }
            unpackTwoBits(scratch);
            scratch.store(BLOCK, 16, panel, target + (long) block * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q3_k(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int block = 0; block < columns / BLOCK; block++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + block * 110L) & VectorSupport.ADDRESSES;
                float scale = WeightBytes.half(memory, at + 108);
                for (int group = 0; group < 16; group++) {
                    int low = WeightBytes.uint8(memory, at + 96 + group % 8) >> (group / 8 * 4) & 15;
                    int high = WeightBytes.uint8(memory, at + 104 + group % 4) >> (group / 4 * 2) & 3;
                    float groupScale = scale * ((low | (high << 4)) - 32);
                    scratch.scales[group * LANES + row] = groupScale;
                    scratch.mins[group * LANES + row] = -4 * groupScale;
                }
                WeightBytes.copyWords(memory, at, 8, scratch.highs, row, LANES);
                WeightBytes.copyWords(memory, at + 32, 16, scratch.words, row, LANES);
            }
            unpackTwoBits(scratch);
            addHighBits(scratch, 2);
            scratch.store(BLOCK, 16, panel, target + (long) block * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q4_k(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        fourOrFiveBits(weights, offset, rowBytes, lastRow, columns, panel, target, scratch, false);
    }

    public static void q5_k(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        fourOrFiveBits(weights, offset, rowBytes, lastRow, columns, panel, target, scratch, true);
    }

    private static void fourOrFiveBits(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel,
            long target,
            StripScratch scratch, boolean fiveBits) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        long blockBytes = fiveBits ? 176 : 144;
        for (int block = 0; block < columns / BLOCK; block++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + block * blockBytes) & VectorSupport.ADDRESSES;
                copyPackedScales(memory, at, scratch, row);
                if (fiveBits) {
                    WeightBytes.copyWords(memory, at + 16, 8, scratch.highs, row, LANES);
                }
                WeightBytes.copyWords(memory, at + (fiveBits ? 48 : 16), 32, scratch.words, row, LANES);
            }
            unpackFourBits(scratch);
            if (fiveBits) {
                addHighBits(scratch, 4);
            }
            scratch.store(BLOCK, 32, panel, target + (long) block * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q6_k(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int block = 0; block < columns / BLOCK; block++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + block * 210L) & VectorSupport.ADDRESSES;
                float scale = WeightBytes.half(memory, at + 208);
                for (int group = 0; group < 16; group++) {
                    float groupScale = scale * WeightBytes.int8(memory, at + 192 + group);
                    scratch.scales[group * LANES + row] = groupScale;
                    scratch.mins[group * LANES + row] = -32 * groupScale;
                }
                WeightBytes.copyWords(memory, at, 32, scratch.words, row, LANES);
                WeightBytes.copyWords(memory, at + 128, 16, scratch.highs, row, LANES);
            }
            unpackSixBits(scratch);
            scratch.store(BLOCK, 16, panel, target + (long) block * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    /** The 6-bit scales and minima of Q4_K and Q5_K, unpacked four at a time. */
    private static void copyPackedScales(MemorySegment memory, long at, StripScratch scratch, int row) {
        float scale = WeightBytes.half(memory, at);
        float minScale = -WeightBytes.half(memory, at + 2);
        int first = WeightBytes.int32(memory, at + 4);
        int second = WeightBytes.int32(memory, at + 8);
        int third = WeightBytes.int32(memory, at + 12);
        int scales = first & 0x3f3f3f3f;
        int mins = second & 0x3f3f3f3f;
        int moreScales = (third & VectorSupport.NIBBLES) | (first >>> 2 & 0x30303030);
        int moreMins = (third >>> 4 & VectorSupport.NIBBLES) | (second >>> 2 & 0x30303030);
        for (int i = 0; i < 4; i++) {
            scratch.scales[i * LANES + row] = scale * (scales >>> 8 * i & 63);
            scratch.scales[(i + 4) * LANES + row] = scale * (moreScales >>> 8 * i & 63);
            scratch.mins[i * LANES + row] = minScale * (mins >>> 8 * i & 63);
            scratch.mins[(i + 4) * LANES + row] = minScale * (moreMins >>> 8 * i & 63);
        }
    }

    /** Each half of 128 elements is 8 words; the four 2-bit fields of a byte are 32 elements apart. */
    private static void unpackTwoBits(StripScratch scratch) {
        for (int i = 0; i < 64; i++) {
            IntVector packed = IntVector.fromArray(INTS, scratch.words, (i / 32 * 8 + i % 8) * LANES);
            packed.lanewise(VectorOperators.LSHR, i / 8 % 4 * 2).and(0x03030303).intoArray(scratch.bytes, i * LANES);
        }
    }

    /** 8 words hold 32 elements in the low, and the next 32 in the high nibbles of their bytes. */
    private static void unpackFourBits(StripScratch scratch) {
        for (int i = 0; i < 64; i++) {
            IntVector packed = IntVector.fromArray(INTS, scratch.words, (i / 16 * 8 + i % 8) * LANES);
            packed.lanewise(VectorOperators.LSHR, i / 8 % 2 * 4).and(VectorSupport.NIBBLES).intoArray(scratch.bytes, i * LANES);
        }
    }

    /** Bit n of a byte of the 8 high words belongs to the n-th 32 elements; {@code place} is its place in a quant. */
    private static void addHighBits(StripScratch scratch, int place) {
        for (int i = 0; i < 64; i++) {
            IntVector high = IntVector.fromArray(INTS, scratch.highs, i % 8 * LANES).lanewise(VectorOperators.LSHR, i / 8);
            IntVector.fromArray(INTS, scratch.bytes, i * LANES).or(high.and(0x01010101).lanewise(VectorOperators.LSHL, place))
                    .intoArray(scratch.bytes, i * LANES);
        }
    }

    /**
     * Each half of 128 elements is 16 words, 64 elements in the low and the next 64 in the high nibbles of their bytes, and 8 high words with four 2-bit
     * fields, 32 elements apart, in a byte.
     */
    private static void unpackSixBits(StripScratch scratch) {
        for (int i = 0; i < 64; i++) {
            IntVector nibbles = IntVector.fromArray(INTS, scratch.words, (i / 32 * 16 + i % 16) * LANES)
                    .lanewise(VectorOperators.LSHR, i / 16 % 2 * 4).and(VectorSupport.NIBBLES);
            IntVector highs = IntVector.fromArray(INTS, scratch.highs, (i / 32 * 8 + i % 8) * LANES)
                    .lanewise(VectorOperators.LSHR, i / 8 % 4 * 2).and(0x03030303);
            nibbles.or(highs.lanewise(VectorOperators.LSHL, 4)).intoArray(scratch.bytes, i * LANES);
        }
    }
}
