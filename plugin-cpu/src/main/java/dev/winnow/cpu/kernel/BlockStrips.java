package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Strips of the formats with blocks of 32 elements, up to 8 blocks at a time, and of IQ4_XS, whose block of 256 is 8 such blocks in another order. Layouts and
 * formulas are those of {@link dev.winnow.spi.GgmlType#dequantize}.
 */
public final class BlockStrips {

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = 32;
    private static final int BLOCKS = StripDecoder.CHUNK / BLOCK;

    private BlockStrips() {}

    public static void q4_0(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 18L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 18) {
                    scale(scratch, block, row, WeightBytes.half(memory, at), -8);
                    WeightBytes.copyWords(memory, at + 2, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q4_1(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 20L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 20) {
                    scratch.scales[block * LANES + row] = WeightBytes.half(memory, at);
                    scratch.mins[block * LANES + row] = WeightBytes.half(memory, at + 2);
                    WeightBytes.copyWords(memory, at + 4, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q5_0(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 22L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 22) {
                    scale(scratch, block, row, WeightBytes.half(memory, at), -16);
                    scratch.highs[block * LANES + row] = WeightBytes.int32(memory, at + 2);
                    WeightBytes.copyWords(memory, at + 6, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            addFifthBits(count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q5_1(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 24L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 24) {
                    scratch.scales[block * LANES + row] = WeightBytes.half(memory, at);
                    scratch.mins[block * LANES + row] = WeightBytes.half(memory, at + 2);
                    scratch.highs[block * LANES + row] = WeightBytes.int32(memory, at + 4);
                    WeightBytes.copyWords(memory, at + 8, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            addFifthBits(count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void q8_0(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 34L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 34) {
                    scale(scratch, block, row, WeightBytes.half(memory, at), -128);
                    WeightBytes.copyWords(memory, at + 2, 8, scratch.words, 8 * block * LANES + row, LANES);
                }
            }
            makeUnsigned(8 * count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void iq4_nl(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 18L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 18) {
                    scale(scratch, block, row, WeightBytes.half(memory, at), -128);
                    WeightBytes.copyWords(memory, at + 2, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            lookUp(8 * count, scratch, Levels.NON_LINEAR_BYTES);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    public static void iq4_xs(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / StripDecoder.CHUNK; from++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 136L) & VectorSupport.ADDRESSES;
                float blockScale = WeightBytes.half(memory, at);
                int highs = WeightBytes.int16(memory, at + 2);
                int lows = WeightBytes.int32(memory, at + 4);
                for (int group = 0; group < BLOCKS; group++) {
                    int scale = (lows >>> 4 * group & 15) | (highs >>> 2 * group & 3) << 4;
                    scale(scratch, group, row, blockScale * (scale - 32), -128);
                }
                WeightBytes.copyWords(memory, at + 8, 32, scratch.words, row, LANES);
            }
            unpackNibbles(BLOCKS, scratch);
            lookUp(8 * BLOCKS, scratch, Levels.NON_LINEAR_BYTES);
            scratch.store(StripDecoder.CHUNK, BLOCK, panel, target + (long) from * StripDecoder.CHUNK * Panel.COLUMN_BYTES);
        }
    }

    public static void mxfp4(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 17L) & VectorSupport.ADDRESSES;
                for (int block = 0; block < count; block++, at += 17) {
                    int exponent = WeightBytes.uint8(memory, at);
                    float scale = Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23);
                    scale(scratch, block, row, scale, -128);
                    WeightBytes.copyWords(memory, at + 1, 4, scratch.words, 4 * block * LANES + row, LANES);
                }
            }
            unpackNibbles(count, scratch);
            lookUp(8 * count, scratch, Levels.E2M1_BYTES);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    /** Sets the scale of a block whose unsigned quants stand for {@code quant + zero}. */
    private static void scale(StripScratch scratch, int block, int row, float scale, float zero) {
        scratch.scales[block * LANES + row] = scale;
        scratch.mins[block * LANES + row] = scale * zero;
    }

    /** The 4 words of a block hold elements 0 … 15 in the low, 16 … 31 in the high nibbles of their bytes. */
    private static void unpackNibbles(int blocks, StripScratch scratch) {
        for (int word = 0; word < 4 * blocks; word++) {
            IntVector packed = IntVector.fromArray(INTS, scratch.words, word * LANES);
            int low = (word / 4 * 8 + word % 4) * LANES;
            packed.and(0x0f0f0f0f).intoArray(scratch.bytes, low);
            packed.lanewise(VectorOperators.LSHR, 4).and(0x0f0f0f0f).intoArray(scratch.bytes, low + 4 * LANES);
        }
    }

    /**
     * Bit j of a block's high word is the fifth bit of element j. Four neighbouring bits 0 … 3 are spread to bit 4 of four bytes by a multiplication with
     * 2^4 + 2^11 + 2^18 + 2^25: bit i goes to i + 4 + 7k for k = 0 … 3, and only k = i gives a place 4 + 8i.
     */
    private static void addFifthBits(int blocks, StripScratch scratch) {
        for (int word = 0; word < 8 * blocks; word++) {
            IntVector four = IntVector.fromArray(INTS, scratch.highs, word / 8 * LANES).lanewise(VectorOperators.LSHR, word % 8 * 4);
            IntVector fifths = four.and(15).mul(0x02040810).and(0x10101010);
            IntVector.fromArray(INTS, scratch.bytes, word * LANES).or(fifths).intoArray(scratch.bytes, word * LANES);
        }
    }

    /** Signed bytes in the order of the elements: adds 128. */
    private static void makeUnsigned(int words, StripScratch scratch) {
        for (int word = 0; word < words; word++) {
            IntVector.fromArray(INTS, scratch.words, word * LANES).lanewise(VectorOperators.XOR, 0x80808080)
                    .intoArray(scratch.bytes, word * LANES);
        }
    }

    private static void lookUp(int words, StripScratch scratch, ByteVector table) {
        for (int i = 0; i < words * LANES; i += Levels.WORDS.length()) {
            ByteVector quants = IntVector.fromArray(Levels.WORDS, scratch.bytes, i).reinterpretAsBytes();
            quants.selectFrom(table).reinterpretAsInts().intoArray(scratch.bytes, i);
        }
    }
}
