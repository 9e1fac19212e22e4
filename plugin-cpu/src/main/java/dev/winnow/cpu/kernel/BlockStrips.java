package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Strips of the formats with blocks of 32 elements, up to 8 blocks at a time, and of IQ4_XS, whose block of 256 is 8 such blocks in another order. Layouts and
 * formulas are those of {@link dev.winnow.spi.GgmlType#dequantize}.
 */
public final class BlockStrips implements StripDecoder {

    public static final BlockStrips Q4_0 = new BlockStrips(18, -8, false, 2, null);
    public static final BlockStrips Q4_1 = new BlockStrips(20, 0, false, 4, null);
    public static final BlockStrips Q5_0 = new BlockStrips(22, -16, true, 6, null);
    public static final BlockStrips Q5_1 = new BlockStrips(24, 0, true, 8, null);
    public static final BlockStrips Q8_0 = new BlockStrips(34, -128, false, 2, null);
    public static final BlockStrips IQ4_NL = new BlockStrips(18, -128, false, 2, Levels.NON_LINEAR_BYTES);
    public static final BlockStrips MXFP4 = new BlockStrips(17, -128, false, 1, Levels.E2M1_BYTES);

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = 32;
    private static final int BLOCKS = CHUNK / BLOCK;

    private final int blockBytes;
    private final int zero; // what is added to an unsigned quant; 0 if a minimum stands behind the scale
    private final boolean fiveBits; // whether the fifth bits stand in a word before the others
    private final int quantsAt;
    private final @Nullable ByteVector levels; // what quants stand for, plus 128; null for themselves

    private BlockStrips(int blockBytes, int zero, boolean fiveBits, int quantsAt, @Nullable ByteVector levels) {
        this.blockBytes = blockBytes;
        this.zero = zero;
        this.fiveBits = fiveBits;
        this.quantsAt = quantsAt;
        this.levels = levels;
    }

    @Override
    public void decode(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / BLOCK; from += BLOCKS) {
            int count = Math.min(BLOCKS, columns / BLOCK - from);
            for (int row = 0; row < LANES; row++) {
                long start = base + Math.min(row, lastRow) * rowBytes + (long) from * blockBytes;
                copyScales(memory, start, count, row, scratch);
                copyQuants(memory, start + quantsAt, count, row, scratch);
            }
            unpack(count, scratch);
            scratch.store(count * BLOCK, BLOCK, panel, target + (long) from * BLOCK * Panel.COLUMN_BYTES);
        }
    }

    private void copyScales(MemorySegment memory, long start, int count, int row, StripScratch scratch) {
        for (int block = 0; block < count; block++) {
            long at = (start + block * blockBytes) & VectorSupport.ADDRESSES;
            int lane = block * LANES + row;
            float scale = this == MXFP4 ? power(WeightBytes.uint8(memory, at)) : WeightBytes.half(memory, at);
            scratch.scales[lane] = scale;
            scratch.mins[lane] = zero == 0 ? WeightBytes.half(memory, at + 2) : scale * zero;
        }
    }

    private void copyQuants(MemorySegment memory, long start, int count, int row, StripScratch scratch) {
        for (int block = 0; block < count; block++) {
            long at = (start + block * blockBytes) & VectorSupport.ADDRESSES;
            if (this == Q8_0) {
                WeightBytes.copyWords(memory, at, 8, scratch.words, 8 * block * LANES + row, LANES);
            } else {
                WeightBytes.copyWords(memory, at, 4, scratch.words, 4 * block * LANES + row, LANES);
            }
            if (fiveBits) {
                scratch.highs[block * LANES + row] = WeightBytes.int32(memory, (at - 4) & VectorSupport.ADDRESSES);
            }
        }
    }

    /** Returns 2^(exponent − 128), half of an E8M0 scale: the levels of MXFP4 are doubled. */
    private static float power(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23);
    }

    private void unpack(int blocks, StripScratch scratch) {
        if (this == Q8_0) {
            makeUnsigned(8 * blocks, scratch);
            return;
        }
        unpackNibbles(blocks, scratch);
        if (fiveBits) {
            addFifthBits(blocks, scratch);
        }
        if (levels != null) {
            lookUp(8 * blocks, scratch, levels);
        }
    }

    public static void iq4_xs(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int from = 0; from < columns / CHUNK; from++) {
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes + from * 136L) & VectorSupport.ADDRESSES;
                float blockScale = WeightBytes.half(memory, at);
                int highs = WeightBytes.int16(memory, at + 2);
                int lows = WeightBytes.int32(memory, at + 4);
                for (int group = 0; group < BLOCKS; group++) {
                    int scale = (lows >>> 4 * group & 15) | (highs >>> 2 * group & 3) << 4;
                    scratch.scales[group * LANES + row] = blockScale * (scale - 32);
                    scratch.mins[group * LANES + row] = blockScale * (scale - 32) * -128;
                }
                WeightBytes.copyWords(memory, at + 8, 32, scratch.words, row, LANES);
            }
            unpackNibbles(BLOCKS, scratch);
            lookUp(8 * BLOCKS, scratch, Levels.NON_LINEAR_BYTES);
            scratch.store(CHUNK, BLOCK, panel, target + (long) from * CHUNK * Panel.COLUMN_BYTES);
        }
    }

    /** The 4 words of a block hold elements 0 … 15 in the low, 16 … 31 in the high nibbles of their bytes. */
    private static void unpackNibbles(int blocks, StripScratch scratch) {
        for (int word = 0; word < 4 * blocks; word++) {
            IntVector packed = IntVector.fromArray(INTS, scratch.words, word * LANES);
            int low = (word / 4 * 8 + word % 4) * LANES;
            packed.and(VectorSupport.NIBBLES).intoArray(scratch.bytes, low);
            packed.lanewise(VectorOperators.LSHR, 4).and(VectorSupport.NIBBLES).intoArray(scratch.bytes, low + 4 * LANES);
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
