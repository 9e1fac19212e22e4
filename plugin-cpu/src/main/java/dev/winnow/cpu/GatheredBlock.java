package dev.winnow.cpu;

import dev.winnow.cpu.kernel.PageReader;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A dense block made of the few live keys of several sparse blocks: up to 64 keys and values in F32, in the order of their positions, with one mask word for
 * each row of each head that shares the block.
 */
final class GatheredBlock {

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final long GROUP_BITS = 0xFFFF;
    private static final int FOUR = 4;
    private static final long FOUR_BITS = 0xF;

    float[] keys = new float[0]; // [4 groups][keyDim][16]
    float[] values = new float[0]; // [64][valueDim]
    long[] words = new long[0]; // [heads][rows]
    private int count;

    /** Empties the block and makes room for a tile. */
    void prepare(int wordCount, int keyDim, int valueDim) {
        keys = AttentionScratch.grown(keys, AttentionScratch.BLOCK * keyDim);
        values = AttentionScratch.grown(values, AttentionScratch.BLOCK * valueDim);
        if (words.length < wordCount) {
            words = new long[wordCount];
        }
        clear();
    }

    /** Empties the block. */
    void clear() {
        count = 0;
        Arrays.fill(words, 0);
    }

    /** Returns the number of keys. */
    int count() {
        return count;
    }

    /** Returns the lowest keys of {@code columns} for which the block has room. */
    long fitting(long columns) {
        int surplus = Long.bitCount(columns) - (AttentionScratch.BLOCK - count);
        long fitting = columns;
        for (int i = 0; i < surplus; i++) {
            fitting &= ~Long.highestOneBit(fitting);
        }
        return fitting;
    }

    /** Adds a row's bits of the keys that {@link #append} appends next. */
    void addWord(int index, long word, long columns) {
        words[index] |= Long.compress(word, columns) << count;
    }

    /**
     * Appends keys of a page.
     *
     * @param columns    bit j is key j of the page; at most as many as fit
     * @param keyPage    native
     * @param valuePage  native
     * @param group      scratch: [keyDim][16]
     */
    void append(KvType type, MemorySegment keyPage, MemorySegment valuePage, int keyDim, int valueDim, long columns, float[] group) {
        for (int g = 0; g < KeyValues.PAGE_KEYS / GROUP; g++) {
            long live = columns >>> (g * GROUP) & GROUP_BITS;
            if (live == GROUP_BITS && count % GROUP == 0) {
                PageReader.readKeys(type, keyPage, keyDim, g, g + 1, keys, count * keyDim);
                PageReader.readValues(type, valuePage, valueDim, g * GROUP, (g + 1) * GROUP, values, count * valueDim);
                count += GROUP;
            } else if (live != 0) {
                PageReader.readKeys(type, keyPage, keyDim, g, g + 1, group, 0);
                while (live != 0) {
                    int lane = Long.numberOfTrailingZeros(live);
                    int run = (live >>> lane & FOUR_BITS) == FOUR_BITS && count % FOUR == 0 ? FOUR : 1;
                    int to = KeyValues.keyIndex(count, 0, keyDim);
                    if (run == FOUR) {
                        copyFourLanes(group, lane, keys, to, keyDim);
                    } else {
                        copyLane(group, lane, keys, to, keyDim);
                    }
                    int key = g * GROUP + lane;
                    PageReader.readValues(type, valuePage, valueDim, key, key + run, values, count * valueDim);
                    count += run;
                    live &= ~((1L << run) - 1 << lane);
                }
            }
        }
    }

    /** Four neighbouring keys, the blocks of fine selections, with one copy of 16 bytes for each dimension. */
    private static void copyFourLanes(float[] source, int from, float[] target, int to, int keyDim) {
        for (int c = 0; c < keyDim; c++) {
            System.arraycopy(source, from + c * GROUP, target, to + c * GROUP, FOUR); // a constant length: C2 makes it one load and one store
        }
    }

    private static void copyLane(float[] source, int from, float[] target, int to, int keyDim) {
        for (int c = 0; c < keyDim; c++) {
            target[to + c * GROUP] = source[from + c * GROUP];
        }
    }
}
