package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Four groups of 16 keys, from whatever pages, that go through the kernels together: slot s makes the columns 16s … 16s+15 of scores and weights. For one
 * worker; allocates only when it grows.
 */
final class KeySlots {

    /** Slots. */
    static final int SLOTS = AttentionScratch.BLOCK / KeyValues.GROUP_KEYS;

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    private final NativePages[] pages = new NativePages[SLOTS]; // of as many blocks as there can be groups
    private final MemorySegment[] keyPages = new MemorySegment[SLOTS];
    private final MemorySegment[] valuePages = new MemorySegment[SLOTS];
    private final int[] blocks = new int[SLOTS]; // number of the block of the group in a slot
    private final int[] groups = new int[SLOTS]; // number of the group in its page
    private long[] words = new long[0]; // [rows], kept keys by column
    private int rows;
    private int filled;
    private boolean partial;
    private boolean wholePage;

    KeySlots() {
        Arrays.setAll(pages, slot -> new NativePages());
        Arrays.fill(keyPages, MemorySegment.NULL);
        Arrays.fill(valuePages, MemorySegment.NULL);
    }

    /** Empties the slots. */
    void clear(int rowCount) {
        if (words.length < rowCount) {
            words = new long[rowCount];
        }
        rows = rowCount;
        filled = 0;
        partial = false;
        wholePage = true;
        Arrays.fill(words, 0, rows, 0);
    }

    /**
     * Puts a group of a block into the next slot.
     *
     * @param blockWords [rows], the keys of the block that each row keeps
     * @param rowCount   rows that have a query
     */
    void add(KeyValues keyValues, int block, int group, long[] blockWords, int rowCount) {
        int slot = filled++;
        boolean samePage = slot > 0 && blocks[slot - 1] == block;
        blocks[slot] = block;
        groups[slot] = group;
        keyPages[slot] = samePage ? keyPages[slot - 1] : pages[slot].keys(keyValues, block);
        valuePages[slot] = samePage ? valuePages[slot - 1] : pages[slot].values(keyValues, block);
        wholePage &= group == slot && (slot == 0 || samePage);
        for (int row = 0; row < rowCount; row++) {
            long kept = blockWords[row] >>> (group * GROUP) & GROUP_BITS;
            partial |= kept != GROUP_BITS;
            words[row] |= kept << (slot * GROUP);
        }
    }

    /** Puts a page of which all rows that have a query keep every key into the slots, which are empty. */
    void addPage(KeyValues keyValues, int block, int rowCount) {
        MemorySegment keys = pages[0].keys(keyValues, block);
        MemorySegment values = pages[0].values(keyValues, block);
        for (int slot = 0; slot < SLOTS; slot++) {
            blocks[slot] = block;
            groups[slot] = slot;
            keyPages[slot] = keys;
            valuePages[slot] = values;
        }
        filled = SLOTS;
        Arrays.fill(words, 0, rowCount, -1L);
    }

    boolean isEmpty() {
        return filled == 0;
    }

    boolean isFull() {
        return filled == SLOTS;
    }

    /** Returns the number of slots that have a group. */
    int filled() {
        return filled;
    }

    /** Returns whether a row does not keep all keys of four filled slots. */
    boolean isPartial() {
        return partial || filled < SLOTS;
    }

    /** Returns whether the slots hold the groups of one page in order. */
    boolean isWholePage() {
        return wholePage && filled == SLOTS;
    }

    MemorySegment keyPage(int slot) {
        return keyPages[slot];
    }

    MemorySegment valuePage(int slot) {
        return valuePages[slot];
    }

    /** Returns the number in its page of the group in a slot. */
    int group(int slot) {
        return groups[slot];
    }

    /** Returns the kept keys of each row, by column. */
    long[] words() {
        return words;
    }

    /** Returns the columns that one of the rows {@code from … from + count − 1} keeps. */
    long live(int from, int count) {
        long live = 0;
        for (int row = from; row < from + count; row++) {
            live |= words[row];
        }
        return live;
    }

    /** Returns the columns that any row keeps. */
    long live() {
        return live(0, rows);
    }
}
