package dev.winnow.core.tokenizer;

import java.util.Arrays;

/**
 * The symbols of a text as a linked list over arrays, and the merging that both kinds of BPE share: again and again the best pair of neighbours becomes one
 * symbol, of equally good pairs the leftmost. The time for n symbols is O(n log n). Reused from text to text; not thread-safe.
 */
final class SymbolChain {

    /** No merge. */
    static final long NONE = Long.MAX_VALUE;

    /** Says which neighbours merge. */
    @FunctionalInterface
    interface Merges {
        /**
         * Returns the merge of two neighbours as made by {@link #merge}, or {@link #NONE}.
         *
         * @param left  index of a symbol in the chain
         * @param right index of the symbol after it
         */
        long find(SymbolChain chain, int left, int right);
    }

    private int[] starts = new int[64]; // [count + 1] where the text of each symbol begins
    private int[] symbols = new int[64]; // [count] what the merges know it as
    private int[] next = new int[64]; // [count] the symbol after it; count for none
    private int[] previous = new int[64]; // [count] the symbol before it; −1 for none
    private long[] merges = new long[64]; // [count] the merge with the symbol after it; NONE also for a symbol that is gone
    private final LongHeap queue = new LongHeap(); // priorities with the indexes of the left symbols
    private int count;

    static long merge(int priority, int result) {
        return (long) priority << Integer.SIZE | result;
    }

    void clear() {
        count = 0;
    }

    /** Appends a symbol; its text reaches to the start of the next one. */
    void add(int symbol, int start) {
        if (count + 1 == starts.length) {
            int capacity = 2 * starts.length;
            starts = Arrays.copyOf(starts, capacity);
            symbols = Arrays.copyOf(symbols, capacity);
            next = Arrays.copyOf(next, capacity);
            previous = Arrays.copyOf(previous, capacity);
            merges = Arrays.copyOf(merges, capacity);
        }
        symbols[count] = symbol;
        starts[count] = start;
        previous[count] = count - 1;
        next[count] = ++count;
    }

    /** Merges until no neighbours merge any more. */
    void mergeAll(int textEnd, Merges rule) {
        starts[count] = textEnd;
        for (int left = 0; left < count; left++) {
            offer(left, rule);
        }
        while (!queue.isEmpty()) {
            long best = queue.poll();
            int left = (int) best;
            if (merges[left] == NONE || merges[left] >> Integer.SIZE != best >> Integer.SIZE) {
                continue; // one of the two has been merged with another since
            }
            int right = next[left];
            symbols[left] = (int) merges[left];
            merges[right] = NONE;
            next[left] = next[right];
            if (next[left] < count) {
                previous[next[left]] = left;
            }
            offer(left, rule);
            if (previous[left] >= 0) {
                offer(previous[left], rule);
            }
        }
    }

    private void offer(int left, Merges rule) {
        merges[left] = next[left] < count ? rule.find(this, left, next[left]) : NONE;
        if (merges[left] != NONE) {
            queue.add(merges[left] & -1L << Integer.SIZE | left);
        }
    }

    /** Returns the first symbol, or {@link #end} if there is none. */
    int first() {
        return 0;
    }

    int next(int index) {
        return next[index];
    }

    int end() {
        return count;
    }

    int symbol(int index) {
        return symbols[index];
    }

    int start(int index) {
        return starts[index];
    }

    int textEnd(int index) {
        return starts[next[index]];
    }
}
