package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import java.util.function.BiConsumer;

/**
 * The keys that are kept because of their position: {@code i − j < window} for the query at i, {@code j mod stride = 0}, {@code j < sinks}. A set that is 0 is
 * empty. The query's own key is not part of it.
 */
record FixedKeys(int window, int stride, int sinks) {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    /** Returns the kept keys of a block for a query; {@code common} is {@link #common} of the block. */
    long word(int position, int block, long common) {
        return window == 0 ? common : common | bitsFrom((long) position - window + 1 - (long) block * BLOCK);
    }

    /** Returns the kept keys of a block that do not depend on the query: multiples of the stride, and sinks. */
    long common(int block) {
        long bits = ~bitsFrom((long) sinks - (long) block * BLOCK);
        if (stride > 0) {
            int first = block * BLOCK;
            for (long key = (first + (long) stride - 1) / stride * stride; key < first + (long) BLOCK; key += stride) {
                bits |= 1L << (key - first);
            }
        }
        return bits;
    }

    /** Passes on the sets that are not empty. */
    void describe(BiConsumer<String, Object> target) {
        PhaseParameters.describe(target, "window", window);
        PhaseParameters.describe(target, "stride", stride);
        PhaseParameters.describe(target, "sinks", sinks);
    }

    /** A word whose bits from {@code index} on are set. */
    static long bitsFrom(long index) {
        return index <= 0 ? -1L : index >= BLOCK ? 0 : -1L << index;
    }
}
