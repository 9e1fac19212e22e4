package dev.winnow.cpu.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Strips of F32, F16 and BF16. The last column of an odd number of 16-bit columns has a word of its own, whose upper half is never looked at. */
public final class PlainStrips {

    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;

    /** Columns that fit the words of the scratch memory, two in a word. */
    private static final int CHUNK = 128;

    private PlainStrips() {}

    public static void f32(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment memory = VectorSupport.view(weights);
        MemorySegment out = VectorSupport.view(panel);
        long base = VectorSupport.base(weights) + offset;
        long to = (VectorSupport.base(panel) + target) & VectorSupport.ADDRESSES;
        for (int from = 0; from < columns; from += CHUNK / 2) {
            int end = Math.min(columns, from + CHUNK / 2);
            for (int row = 0; row < LANES; row++) {
                long at = (base + Math.min(row, lastRow) * rowBytes) & VectorSupport.ADDRESSES;
                for (int column = from; column < end; column++) {
                    out.set(ValueLayout.JAVA_INT_UNALIGNED, to + (long) column * Panel.COLUMN_BYTES + 4L * row,
                            WeightBytes.int32(memory, at + 4L * column));
                }
            }
        }
    }

    public static void f16(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment out = VectorSupport.view(panel);
        long to = (VectorSupport.base(panel) + target) & VectorSupport.ADDRESSES;
        for (int from = 0; from < columns; from += CHUNK) {
            int count = Math.min(CHUNK, columns - from);
            copy(weights, offset + 2L * from, rowBytes, lastRow, count, scratch.words);
            for (int i = 0; i < count; i++) {
                IntVector word = IntVector.fromArray(INTS, scratch.words, i / 2 * LANES);
                IntVector half = word.lanewise(VectorOperators.LSHL, 16 - i % 2 * 16);
                IntVector scaledBits = half.lanewise(VectorOperators.LSHR, 3).and(Halves.MAGNITUDE).or(Halves.EXPONENT);
                FloatVector scaled = scaledBits
                        .min(scaledBits.reinterpretAsFloats().fma(Halves.TWO, Halves.MINUS_SMALLEST_NORMAL).reinterpretAsInts())
                        .or(half.and(Halves.SIGN)).reinterpretAsFloats();
                scaled.mul(Halves.UNIT).intoMemorySegment(out, to + (long) (from + i) * Panel.COLUMN_BYTES, LITTLE_ENDIAN);
            }
        }
    }

    public static void bf16(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch) {
        MemorySegment out = VectorSupport.view(panel);
        long to = (VectorSupport.base(panel) + target) & VectorSupport.ADDRESSES;
        for (int from = 0; from < columns; from += CHUNK) {
            int count = Math.min(CHUNK, columns - from);
            copy(weights, offset + 2L * from, rowBytes, lastRow, count, scratch.words);
            for (int i = 0; i < count; i++) {
                IntVector word = IntVector.fromArray(INTS, scratch.words, i / 2 * LANES);
                FloatVector value = word.lanewise(VectorOperators.LSHL, 16 - i % 2 * 16).and(0xffff0000).reinterpretAsFloats();
                value.intoMemorySegment(out, to + (long) (from + i) * Panel.COLUMN_BYTES, LITTLE_ENDIAN);
            }
        }
    }

    private static void copy(MemorySegment weights, long offset, long rowBytes, int lastRow, int count, int[] words) {
        MemorySegment memory = VectorSupport.view(weights);
        long base = VectorSupport.base(weights) + offset;
        for (int row = 0; row < LANES; row++) {
            long at = (base + Math.min(row, lastRow) * rowBytes) & VectorSupport.ADDRESSES;
            WeightBytes.copyWords(memory, at, count / 2, words, row, LANES);
            if (count % 2 != 0) {
                words[count / 2 * LANES + row] = WeightBytes.int16(memory, at + 2L * (count - 1));
            }
        }
    }
}
