package dev.winnow.cpu.kernel;

/**
 * The orders in which row kernels read an activation vector. A kernel takes 32-bit words of packed quants as they lie in memory, a word in each lane, and cuts
 * the same bits out of all of them; the elements that these bits stand for are far apart, so the activations are brought into that order instead, once for
 * all rows. Every copy is a sequence of parts: the reordered elements of some blocks, followed by sums of them for the folding of zero points and minima.
 *
 * <p>Kernels with vectors of 128 and 256 bits convert a quant where it stands in its word, as a number that is 2^8i times as large in byte i. For them the
 * elements of byte i are multiplied by 2^−8i, which does not round.
 */
public enum ActivationOrder {

    /** As given, for formats of whole bytes. */
    NATURAL(1, 1) {
        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            System.arraycopy(values, start, copy, 0, columns);
        }
    },

    /**
     * For Q8_0 with vectors of 128 and 256 bits: {@code [vector of words][4 bytes][LANES]}, the elements of each byte of the words. Two blocks are a part.
     */
    BYTES(64, 64) {
        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            for (int vector = 0; vector < columns; vector += 4 * LANES) {
                for (int lane = 0; lane < LANES; lane++) {
                    for (int i = 0; i < 4; i++) {
                        copy[vector + i * LANES + lane] = values[start + vector + 4 * lane + i];
                    }
                }
            }
        }
    },

    /**
     * For Q4_0 and Q4_1 with vectors of 512 bits, blocks of 32 elements in 4 words: a part is as many blocks as fill a vector with words,
     * {@code [8 nibbles][LANES]}, then −Σ, −Σ − ½·Σx and Σx over the 8 elements of each lane. The high nibble of each byte stands first, the low one after it,
     * multiplied by 16; Σ is the sum of all eight as they stand there, and Σx the sum of the elements. Everything is multiplied by {@link #FACTOR}. If the number
     * of blocks is not a multiple, the last part begins earlier, with zeros for what the part before has covered.
     */
    NIBBLES(8 * VectorSupport.LANES, 11 * VectorSupport.LANES) {
        @Override
        public boolean fits(int columns) {
            return columns % 32 == 0 && columns >= span();
        }

        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            arrangeBlocks(values, start, columns, copy, HIGH_FIRST, LOW_FACTOR);
        }
    },

    /**
     * For Q5_0, Q5_1, IQ4_NL, IQ4_XS and MXFP4: as {@link #NIBBLES}, with nibbles in their order and no factor 16. With vectors of 128 and 256 bits also for
     * Q4_0 and Q4_1, and the sums are −128·Σx over the elements of bytes 0 to 2, −8·Σx and Σx.
     */
    BLOCKS(8 * VectorSupport.LANES, 11 * VectorSupport.LANES) {
        @Override
        public boolean fits(int columns) {
            return NIBBLES.fits(columns);
        }

        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            arrangeBlocks(values, start, columns, copy, LOW_FIRST, 1);
        }
    },

    /**
     * For Q2_K and Q3_K: a part is a block of 256 elements, {@code [vector of words][2 pairs][4 bytes][2][LANES]}, then the sums of its 16 groups of 16. Field
     * j of two bits of byte b of the quants holds element 128·(b / 32) + 32·j + b % 32. The fields 0 and 2, and 1 and 3, are pairs: one turn of a word serves
     * both. With vectors of 512 bits the upper field stands first, the lower after it, multiplied by 16, and behind the sums of groups are
     * {@code [2 pairs][2][LANES]}, −Σ over the lower and over the upper fields of each lane as they stand there.
     */
    FIELDS(256, 256 + 16 + (VectorSupport.LANES == 16 ? 64 : 0)) {
        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                int at = part * FIELDS_PART;
                for (int word = 0; word < FIELD_WORDS; word++) {
                    for (int pair = 0; pair < 2; pair++) {
                        int lower = from + word / 8 * 128 + 32 * pair + word % 8 * 4;
                        int place = (word / LANES * 16 + 8 * pair) * LANES + word % LANES;
                        arrangeWord(values, lower, lower + 64, copy, at + place, WIDE ? HIGH_FIRST : LOW_FIRST, WIDE ? LOW_FACTOR : 1);
                        if (WIDE) {
                            int minus = at + 272 + 2 * pair * LANES + word;
                            copy[minus] = -LOW_FACTOR * sum(values, lower, 4);
                            copy[minus + LANES] = -sum(values, lower + 64, 4);
                        }
                    }
                }
                for (int group = 0; group < 16; group++) {
                    copy[at + 256 + group] = sum(values, from + 16 * group, 16);
                }
            }
        }
    },

    /**
     * For Q4_K with vectors of 512 bits: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then 8 zeros and the sums of its 8
     * groups of 32, then {@code [vector of words][2][LANES]}, −Σ over the low and over the high nibbles of each lane as they stand there. Byte b of the quants
     * holds element 64·(b / 32) + b % 32 in the low nibble and the one 32 further in the high. The high nibble of each byte stands first, the low one after
     * it, multiplied by 16.
     */
    NIBBLE_GROUPS(256, 256 + 16 + 64) {
        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                int at = part * NIBBLE_PART;
                arrangeWords(values, from, copy, at, 32, HIGH_FIRST, LOW_FACTOR);
                for (int group = 0; group < 8; group++) {
                    copy[at + 256 + group] = 0;
                    copy[at + 264 + group] = sum(values, from + 32 * group, 32);
                }
                for (int word = 0; word < WORDS; word++) {
                    int vector = 272 + word / LANES * 2 * LANES + word % LANES;
                    int first = from + element(word, 32);
                    copy[at + vector] = -LOW_FACTOR * sum(values, first, 4);
                    copy[at + vector + LANES] = -sum(values, first + 32, 4);
                }
            }
        }
    },

    /**
     * For Q5_K, and for Q4_K with vectors of 128 and 256 bits: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then twice the
     * sums of its 8 groups of 32. Byte b of the quants holds element 64·(b / 32) + b % 32 in the low nibble and the one 32 further in the high.
     */
    GROUPS_OF_32(256, 256 + 16) {
        @Override // the scales of a row, one for 32 columns, have to fit the scratch memory of a row kernel
        public boolean fits(int columns) {
            return columns % span() == 0 && columns / 32 <= RowKernel.SCRATCH_SIZE;
        }

        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                int at = part * SUPER_PART;
                arrangeWords(values, from, copy, at, 32, LOW_FIRST, 1);
                for (int group = 0; group < 8; group++) {
                    float sum = sum(values, from + 32 * group, 32);
                    copy[at + 256 + group] = sum;
                    copy[at + 264 + group] = sum;
                }
            }
        }
    },

    /**
     * For Q6_K: a part is a block of 256 elements, {@code [vector of words][8 nibbles][LANES]}, then 1.5 times the sums of its 16 groups of 16, with vectors
     * of 128 and 256 bits 32 times. Byte b of the quants holds element 128·(b / 64) + b % 64 in the low nibble and the one 64 further in the high.
     */
    GROUPS_OF_16(256, 256 + 16) {
        @Override
        public void arrange(float[] values, int start, int columns, float[] copy) {
            for (int part = 0; part < columns / 256; part++) {
                int from = start + 256 * part;
                int at = part * SUPER_PART;
                arrangeWords(values, from, copy, at, 64, LOW_FIRST, 1);
                for (int group = 0; group < 16; group++) {
                    copy[at + 256 + group] = (WIDE ? 1.5f : 32) * sum(values, from + 16 * group, 16);
                }
            }
        }
    };

    private static final int LOW_FIRST = 0;

    private static final int HIGH_FIRST = 1;

    /** What the low nibbles are multiplied by if they stand second, because kernels find them four bits below the high ones. */
    private static final int LOW_FACTOR = 16;

    private static final int LANES = VectorSupport.LANES;

    private static final boolean WIDE = LANES == 16;

    /** What elements are multiplied by from one byte of a word to the next. */
    private static final float BYTE_FACTOR = WIDE ? 1 : 0x1p-8f;

    /** Blocks of 4 words in a vector. */
    static final int WORD_BLOCKS = VectorSupport.LANES / 4;

    /** Floats of a part of {@link #NIBBLES} and {@link #BLOCKS}. */
    static final int BLOCKS_PART = NIBBLES.part;

    /**
     * What {@link #NIBBLES} and {@link #BLOCKS} are multiplied by: half of the difference of exponents that scales of F16 lack in kernels ({@link Halves#BIAS}),
     * so that products with them stay in the range of normal floats. A power of two does not round.
     */
    static final float FACTOR = 0x1p56f;

    /** Floats of a part of {@link #FIELDS}. */
    static final int FIELDS_PART = FIELDS.part;

    /** Floats of a part of {@link #NIBBLE_GROUPS}. */
    static final int NIBBLE_PART = NIBBLE_GROUPS.part;

    /** Floats of a part of the other orders for blocks of 256. */
    static final int SUPER_PART = GROUPS_OF_32.part;

    /** Words of the lower four bits of a block of 256. */
    private static final int WORDS = 32;

    /** Words of the two-bit fields of a block of 256. */
    private static final int FIELD_WORDS = 16;

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

    /**
     * Writes a copy of the vector that begins at {@code values[start]}: {@link #size} floats. Into an array, because plain loops over arrays are compiled well
     * whatever they are inlined into: a gather of the Vector API was a call for each element in models of several formats.
     */
    public abstract void arrange(float[] values, int start, int columns, float[] copy);

    /** Returns the number of parts of {@link #NIBBLES} and {@link #BLOCKS}. */
    static int parts(int blocks) {
        return (blocks + WORD_BLOCKS - 1) / WORD_BLOCKS;
    }

    /** Writes blocks of 32 elements, with {@code swap} 1 for high nibbles before low ones and 0 for low ones first. */
    private static void arrangeBlocks(float[] values, int start, int columns, float[] copy, int swap, int lowFactor) {
        int blocks = columns / 32;
        for (int part = 0; part < parts(blocks); part++) {
            int first = Math.min(part * WORD_BLOCKS, blocks - WORD_BLOCKS);
            int covered = part * WORD_BLOCKS - first;
            int at = part * BLOCKS_PART;
            for (int lane = 0; lane < LANES; lane++) {
                float factor = lane / 4 < covered ? 0 : FACTOR;
                int from = start + 32 * first + lane / 4 * 32 + lane % 4 * 4;
                float sum = 0;
                float plain = 0;
                float lastByte = 0;
                float place = 1;
                for (int i = 0; i < 4; i++) {
                    float low = values[from + i] * factor;
                    float high = values[from + 16 + i] * factor;
                    lastByte = low + high;
                    plain += lastByte;
                    low *= lowFactor;
                    sum += low + high;
                    copy[at + (2 * i + swap) * LANES + lane] = low * place;
                    copy[at + (2 * i + 1 - swap) * LANES + lane] = high * place;
                    place *= BYTE_FACTOR;
                }
                copy[at + 8 * LANES + lane] = WIDE ? -sum : -128 * (plain - lastByte);
                copy[at + 9 * LANES + lane] = WIDE ? -(0.5f * plain + sum) : -8 * plain;
                copy[at + 10 * LANES + lane] = plain;
            }
        }
    }

    /** Writes the elements of a block of 256 in the order of the words; those of the high nibbles are {@code apart} further than those of the low. */
    private static void arrangeWords(float[] values, int from, float[] copy, int at, int apart, int swap, int lowFactor) {
        for (int word = 0; word < WORDS; word++) {
            int first = from + element(word, apart);
            arrangeWord(values, first, first + apart, copy, at + word / LANES * 8 * LANES + word % LANES, swap, lowFactor);
        }
    }

    /** Writes the elements of the low and the high nibbles of a word. */
    private static void arrangeWord(float[] values, int low, int high, float[] copy, int at, int swap, int lowFactor) {
        float place = 1;
        for (int i = 0; i < 4; i++) {
            copy[at + (2 * i + swap) * LANES] = values[low + i] * lowFactor * place;
            copy[at + (2 * i + 1 - swap) * LANES] = values[high + i] * place;
            place *= BYTE_FACTOR;
        }
    }

    /** Returns the element in the low nibble of the first byte of a word. */
    private static int element(int word, int apart) {
        int byteOfWord = word * 4;
        return byteOfWord / apart * 2 * apart + byteOfWord % apart;
    }

    private static float sum(float[] values, int from, int count) {
        float sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return sum;
    }
}
