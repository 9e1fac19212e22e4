package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;

/** A list of kept keys that is the same for all rows of a head, as one word for each block. Not thread-safe; allocates only when it grows. */
final class KeepWords {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private long[] words = new long[0]; // [blocks]
    private int blocks;

    /** Starts a list with the sinks and the multiples of the stride. */
    void reset(FixedKeys fixed, int blocks) {
        if (words.length < blocks) {
            words = new long[Math.max(blocks, 2 * words.length)];
        }
        this.blocks = blocks;
        for (int block = 0; block < blocks; block++) {
            words[block] = fixed.common(block);
        }
    }

    /** Adds a page of {@code size} keys, a divisor of 64. */
    void addPage(int page, int size) {
        int key = page * size;
        words[key / BLOCK] |= (-1L >>> (BLOCK - size)) << (key % BLOCK);
    }

    /** Removes all keys that are not in the list from the rows of a head. */
    void apply(AttentionMask mask, int head) {
        for (int block = 0; block < blocks; block++) {
            mask.retainColumns(head, block, words[block]);
        }
    }
}
