package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** The summaries of keys that the selections of a refiner need, and their memory. Both phases share those that are the same. */
final class SummaryStore {

    private final RefinerContext context;
    private final Arena arena = Arena.ofShared(); // many workers allocate from it
    private final List<KeySummaries> summaries = new ArrayList<>();

    SummaryStore(RefinerContext context) {
        this.context = context;
    }

    /** Returns means, with a spread if wanted, of as many keys at a time as {@code pageSize} says. */
    PageMoments moments(int pageSize, PageMoments.Spread spread) {
        for (KeySummaries kept : summaries) {
            if (kept instanceof PageMoments moments && moments.pageSize() == pageSize && moments.spread() == spread) {
                return moments;
            }
        }
        PageMoments moments = new PageMoments(context.layers(), pageSize, spread, context.contextLength(), arena);
        summaries.add(moments);
        return moments;
    }

    /** Returns keys rounded to 8 bits. */
    Int8Keys int8Keys() {
        Int8Keys keys = new Int8Keys(context.layers(), context.contextLength());
        summaries.add(keys);
        return keys;
    }

    /** Makes up for all keys of a head that have no summary yet. */
    void appended(LayerSpec layer, int kvHead, KeyValues keyValues, int length) {
        for (int i = 0; i < summaries.size(); i++) { // without an iterator, which would be allocated
            summaries.get(i).appended(layer, kvHead, keyValues, length);
        }
    }

    void truncated(int length) {
        for (KeySummaries kept : summaries) {
            kept.truncated(length);
        }
    }

    /** Frees all memory, once; the summaries cannot be used any more. */
    void close() {
        summaries.forEach(KeySummaries::close);
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
