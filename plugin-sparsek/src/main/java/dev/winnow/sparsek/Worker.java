package dev.winnow.sparsek;

import dev.winnow.spi.AttentionTile;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Scratch memory of one worker, and its count of multiply-adds. Arrays only grow, at least twofold, so that a growing context seldom allocates. */
final class Worker {

    /** Longs between two counters: 128 bytes, so that neighbours share no cache line, nor the pair of lines that the prefetcher fetches. */
    static final int COUNTER_STRIDE = 16;

    private static final long LARGEST_DOUBLING = 1L << 30;

    private final KeyPageReader reader = new KeyPageReader();
    private final TopK topK = new TopK();
    private final KeepWords keep = new KeepWords();
    private final LargestPages largest = new LargestPages();
    private final long[] counters;
    private final int counter;
    private float[] queries = new float[0];
    private float[] keys = new float[0];
    private float[] scores = new float[0];
    private float[] pages = new float[0];
    private int[] list = new int[0];
    private int[] orders = new int[0];
    private long[] words = new long[0];
    private @Nullable MemorySegment[] segments = new @Nullable MemorySegment[0];

    /** Creates the scratch memory of worker {@code index}, which counts at {@code index · COUNTER_STRIDE}. */
    Worker(long[] counters, int index) {
        this.counters = counters;
        this.counter = index * COUNTER_STRIDE;
    }

    /** Counts multiply-adds. */
    void count(long multiplyAdds) {
        counters[counter] += multiplyAdds;
    }

    KeyPageReader reader() {
        return reader;
    }

    TopK topK() {
        return topK;
    }

    KeepWords keep() {
        return keep;
    }

    LargestPages largest() {
        return largest;
    }

    /** Returns at least n elements for queries. */
    float[] queries(long n) {
        queries = grown(queries, n);
        return queries;
    }

    /** Returns at least n elements for converted keys or summaries. */
    float[] keys(long n) {
        keys = grown(keys, n);
        return keys;
    }

    /** Returns at least n elements for scores. */
    float[] scores(long n) {
        scores = grown(scores, n);
        return scores;
    }

    /** Returns at least n elements for one number for each page. */
    float[] pages(long n) {
        pages = grown(pages, n);
        return pages;
    }

    /** Returns at least n integers for page numbers. */
    int[] list(int n) {
        if (list.length < n) {
            list = new int[Math.max(n, 2 * list.length)];
        }
        return list;
    }

    /** Returns at least n integers for the order of scores. */
    int[] orders(int n) {
        if (orders.length < n) {
            orders = new int[Math.max(n, 2 * orders.length)];
        }
        return orders;
    }

    /** Returns at least n words. */
    long[] words(int n) {
        if (words.length < n) {
            words = new long[Math.max(n, 2 * words.length)];
        }
        return words;
    }

    /** Returns room for at least n pieces of memory. */
    @Nullable
    MemorySegment[] segments(int n) {
        if (segments.length < n) {
            segments = new @Nullable MemorySegment[Math.max(n, 2 * segments.length)];
        }
        return segments;
    }

    /** Copies a query to {@code target[offset …]}, multiplied by a factor. */
    static void copyQuery(AttentionTile tile, int head, int query, float factor, float[] target, int offset) {
        float[] source = tile.queries();
        int from = tile.queryOffset(head, query);
        int dim = tile.layer().attention().keyDim();
        if (factor == 1) {
            System.arraycopy(source, from, target, offset, dim);
            return;
        }
        for (int c = 0; c < dim; c++) {
            target[offset + c] = source[from + c] * factor;
        }
    }

    private static float[] grown(float[] array, long n) {
        return array.length >= n ? array : new float[Math.toIntExact(Math.max(n, Math.min(2L * array.length, LARGEST_DOUBLING)))];
    }
}
