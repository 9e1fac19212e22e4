package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The orders in which row kernels read an activation vector. A kernel takes 32-bit words of packed quants as they lie in memory, a word in each lane, and cuts
 * the same bits out of all of them; the elements that these bits stand for are far apart, so the activations are brought into that order instead, once for
 * all rows. Every copy is a sequence of parts: the reordered elements of some blocks, followed by sums of them for the folding of zero points and minima.
 */
public enum ActivationOrder {

    /** As given, for formats of whole bytes. */
    NATURAL(1, 1) {
        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            MemorySegment.copy(values, start, target, ValueLayout.JAVA_FLOAT, offset, columns);
        }
    },

    /**
     * For Q4_0 and Q4_1, blocks of 32 elements in 4 words: a part is as many blocks as fill a vector with words, {@code [8 nibbles][LANES]}, then −Σ, −Σ − ½·Σx
     * and Σx over the 8 elements of each lane. Of the nibbles, 0, 2, 4 and 6 stand before 7, 1, 3 and 5, which are multiplied by 16; Σ is the sum of all eight
     * as they stand there, and Σx the sum of the elements. Everything is multiplied by {@link #FACTOR}. If the number of blocks is not a multiple, the last
     * part begins earlier, with zeros for what the part before has covered.
     */
    NIBBLES(8 * VectorSupport.LANES, 11 * VectorSupport.LANES) {
        @Override
        public boolean fits(int columns) {
            return columns % 32 == 0 && columns >= span();
        }

        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            arrangeBlocks(values, start, columns, target, offset, TURNED, TURNED_FACTOR);
        }
    },

    /** For Q5_0 and Q5_1: as {@link #NIBBLES}, with nibbles in their order and no factor 16. */
    BLOCKS(8 * VectorSupport.LANES, 11 * VectorSupport.LANES) {
        @Override
        public boolean fits(int columns) {
            return NIBBLES.fits(columns);
        }

        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            arrangeBlocks(values, start, columns, target, offset, 0, 1);
        }
    },

    /**
     * For Q4_K: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then 8 zeros and the sums of its 8 groups of 32, then
     * {@code [vector of words][2][LANES]}, −Σ over the low and over the high nibbles of each lane as they stand there. Byte b of the quants holds element
     * 64·(b / 32) + b % 32 in the low nibble and the one 32 further in the high. Low nibbles stand in the places 0, 2, 4 and 6; in 1, 3, 5 and 7 stand the high
     * nibbles of the bytes 3, 0, 1 and 2, multiplied by 16.
     */
    NIBBLE_GROUPS(256, 256 + 16 + 64) {
        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                long at = offset + (long) part * NIBBLE_PART * Float.BYTES;
                arrangeWords(values, from, target, at, 32, TURNED, TURNED_FACTOR);
                for (int group = 0; group < 8; group++) {
                    put(target, at, 256 + group, 0);
                    put(target, at, 264 + group, sum(values, from + 32 * group, 32));
                }
                for (int word = 0; word < WORDS; word++) {
                    int vector = 272 + word / LANES * 2 * LANES + word % LANES;
                    int first = from + element(word, 0, 32);
                    put(target, at, vector, -sum(values, first, 4));
                    put(target, at, vector + LANES, -TURNED_FACTOR * sum(values, first + 32, 4));
                }
            }
        }
    },

    /**
     * For Q5_K: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then twice the sums of its 8 groups of 32. Byte b of
     * the quants holds element 64·(b / 32) + b % 32 in the low nibble and the one 32 further in the high.
     */
    GROUPS_OF_32(256, 256 + 16) {
        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                long at = offset + (long) part * SUPER_PART * Float.BYTES;
                arrangeWords(values, from, target, at, 32, 0, 1);
                for (int group = 0; group < 8; group++) {
                    float sum = sum(values, from + 32 * group, 32);
                    put(target, at, 256 + group, sum);
                    put(target, at, 264 + group, sum);
                }
            }
        }
    },

    /**
     * For Q6_K: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then 1.5 times the sums of its 16 groups of 16. Byte b of the
     * quants holds element 128·(b / 64) + b % 64 in the low nibble and the one 64 further in the high.
     */
    GROUPS_OF_16(256, 256 + 16) {
        @Override
        public void arrange(float[] values, int start, int columns, MemorySegment target, long offset) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                long at = offset + (long) part * SUPER_PART * Float.BYTES;
                arrangeWords(values, from, target, at, 64, 0, 1);
                for (int group = 0; group < 16; group++) {
                    put(target, at, 256 + group, 1.5f * sum(values, from + 16 * group, 16));
                }
            }
        }
    };

    /** What is added to an odd place, modulo 8, for the nibble that a kernel finds below the one of the place before when it has turned the word. */
    private static final int TURNED = 6;

    private static final int TURNED_FACTOR = 16;

    private static final int LANES = VectorSupport.LANES;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;

    /** The first element of the word in each lane: a block of 32 elements in 4 words of bytes. */
    private static final int[] FIRST_OF_WORDS = IntStream.range(0, LANES).map(lane -> lane / 4 * 32 + lane % 4 * 4).toArray();

    /** Blocks of 4 words in a vector. */
    static final int WORD_BLOCKS = VectorSupport.LANES / 4;

    /** Floats of a part of {@link #NIBBLES} and {@link #BLOCKS}. */
    static final int BLOCKS_PART = NIBBLES.part;

    /**
     * What {@link #NIBBLES} and {@link #BLOCKS} are multiplied by: half of the difference of exponents that scales of F16 lack in kernels ({@link Halves#BIAS}),
     * so that products with them stay in the range of normal floats. A power of two does not round.
     */
    static final float FACTOR = 0x1p56f;

    /** Floats of a part of {@link #NIBBLE_GROUPS}. */
    static final int NIBBLE_PART = NIBBLE_GROUPS.part;

    /** Floats of a part of the other orders for blocks of 256. */
    static final int SUPER_PART = GROUPS_OF_32.part;

    /** Words of the lower four bits of a block of 256. */
    private static final int WORDS = 32;

    private final int span;
    private final int part;

    ActivationOrder(int span, int part) {
        this.span = span;
        this.part = part;
    }

    /** Returns the number of columns that a part covers. */
    int span() {
        return span;
    }

    /** Returns whether vectors of this length can be brought into the order. */
    public boolean fits(int columns) {
        return columns % span == 0;
    }

    /** Returns the number of floats of a copy. */
    public int size(int columns) {
        return Math.ceilDiv(columns, span) * part;
    }

    /** Writes a copy of the vector that begins at {@code values[start]} to a byte position of {@code target}. */
    public abstract void arrange(float[] values, int start, int columns, MemorySegment target, long offset);

    /** Returns the number of parts of {@link #NIBBLES} and {@link #BLOCKS}. */
    static int parts(int blocks) {
        return (blocks + WORD_BLOCKS - 1) / WORD_BLOCKS;
    }

    private static void arrangeBlocks(float[] values, int start, int columns, MemorySegment target, long offset, int oddShift,
            int oddFactor) {
        int blocks = columns / 32;
        for (int part = 0; part < parts(blocks); part++) {
            int first = Math.min(part * WORD_BLOCKS, blocks - WORD_BLOCKS);
            int covered = part * WORD_BLOCKS - first;
            VectorMask<Float> own = VectorMask.fromLong(FLOATS, -1L << 4 * covered);
            long at = offset + (long) part * BLOCKS_PART * Float.BYTES;
            FloatVector sum = FloatVector.zero(FLOATS);
            FloatVector plain = FloatVector.zero(FLOATS);
            for (int place = 0; place < 8; place++) {
                int nibble = nibble(place, oddShift);
                int from = start + 32 * first + nibble % 2 * 16 + nibble / 2;
                FloatVector value = FloatVector.zero(FLOATS)
                        .blend(FloatVector.fromArray(FLOATS, values, from, FIRST_OF_WORDS, 0).mul(FACTOR), own);
                FloatVector multiplied = place % 2 == 0 ? value : value.mul(oddFactor);
                plain = plain.add(value);
                sum = sum.add(multiplied);
                put(target, at, place * LANES, multiplied);
            }
            put(target, at, 8 * LANES, sum.neg());
            put(target, at, 9 * LANES, plain.mul(0.5f).add(sum).neg());
            put(target, at, 10 * LANES, plain);
        }
    }

    /** Writes the elements of a block of 256 in the order of the words; those of the high nibbles are {@code apart} further than those of the low. */
    private static void arrangeWords(float[] values, int from, MemorySegment target, long at, int apart, int oddShift, int oddFactor) {
        for (int word = 0; word < WORDS; word++) {
            for (int place = 0; place < 8; place++) {
                float value = values[from + element(word, nibble(place, oddShift), apart)];
                put(target, at, place(word, place), place % 2 == 0 ? value : value * oddFactor);
            }
        }
    }

    private static int element(int word, int nibble, int apart) {
        int byteOfWord = word * 4;
        return byteOfWord / apart * 2 * apart + nibble % 2 * apart + byteOfWord % apart + nibble / 2;
    }

    private static int nibble(int place, int oddShift) {
        return place % 2 == 0 ? place : (place + oddShift) % 8;
    }

    private static int place(int word, int nibble) {
        return word / LANES * 8 * LANES + nibble * LANES + word % LANES;
    }

    private static float sum(float[] values, int from, int count) {
        float sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return sum;
    }

    private static void put(MemorySegment target, long at, int index, FloatVector values) {
        values.intoMemorySegment(target, at + (long) index * Float.BYTES, ByteOrder.nativeOrder());
    }

    private static void put(MemorySegment target, long at, int index, float value) {
        target.set(ValueLayout.JAVA_FLOAT, at + (long) index * Float.BYTES, value);
    }
}
