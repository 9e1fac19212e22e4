package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * Summaries of complete pages of keys, for each layer and KV head. Keys of a page that is not complete have no summary, and selections keep them. Memory comes
 * in pieces of {@value #CHUNK_PAGES} pages, so that a growing context copies nothing.
 *
 * <p>Different KV heads may be appended to at once; everything else needs the runtime's order of calls.
 */
abstract class KeySummaries {

    /** Pages in a piece of memory. */
    static final int CHUNK_PAGES = 64;

    private final int pageSize;
    private final int[][] complete; // [layer][kvHead], pages with a summary
    private final KeyPageReader[] readers; // [kvHead]
    private final float[][] scratch; // [kvHead][64 · keyDim], a page of keys

    /**
     * Creates summaries without pages.
     *
     * @param pageSize keys in a page: a power of two up to 64
     */
    KeySummaries(List<LayerSpec> layers, int pageSize) {
        this.pageSize = pageSize;
        this.complete = new int[layers.size()][];
        int heads = 0;
        int keyDim = 0;
        for (LayerSpec layer : layers) {
            complete[layer.index()] = new int[layer.attention().headCountKv()];
            heads = Math.max(heads, layer.attention().headCountKv());
            keyDim = Math.max(keyDim, layer.attention().keyDim());
        }
        this.readers = new KeyPageReader[heads];
        this.scratch = new float[heads][KeyValues.PAGE_KEYS * keyDim];
        for (int head = 0; head < heads; head++) {
            readers[head] = new KeyPageReader();
        }
    }

    final int pageSize() {
        return pageSize;
    }

    /** Returns the number of pages, from the first, that have a summary. */
    final int completePages(LayerSpec layer, int kvHead) {
        return complete[layer.index()][kvHead];
    }

    /** Summarises the pages that became complete now that there are {@code length} keys. */
    final void appended(LayerSpec layer, int kvHead, KeyValues keyValues, int length) {
        int[] counts = complete[layer.index()];
        int read = -1; // page of the cache that is in the scratch memory
        for (int page = counts[kvHead]; page < length / pageSize; page++) {
            int cachePage = page * pageSize / KeyValues.PAGE_KEYS;
            reserve(layer, kvHead, page / CHUNK_PAGES);
            if (cachePage >= keyValues.firstPage()) { // a released page has left the mask's base as well
                if (cachePage != read) {
                    readers[kvHead].readGrouped(keyValues, cachePage, scratch[kvHead]);
                    read = cachePage;
                }
                summarise(layer, kvHead, page, scratch[kvHead], page * pageSize % KeyValues.PAGE_KEYS);
            }
            counts[kvHead] = page + 1;
        }
    }

    /** Forgets the pages that are not complete any more. */
    final void truncated(int length) {
        for (int[] counts : complete) {
            for (int head = 0; head < counts.length; head++) {
                counts[head] = Math.min(counts[head], length / pageSize);
            }
        }
    }

    /** Returns whether a head of a tile has a candidate among the keys of a piece. */
    final boolean anyCandidate(AttentionMask mask, int chunk) {
        int blocks = pageSize * CHUNK_PAGES / AttentionMask.BLOCK_KEYS;
        return MaskCells.anyCandidateInBlocks(mask, chunk * blocks, (chunk + 1) * blocks);
    }

    /** Lets go of memory that is not part of an arena. */
    void close() {}

    /** Makes sure that there is memory for a piece. */
    abstract void reserve(LayerSpec layer, int kvHead, int chunk);

    /**
     * Computes the summary of a page.
     *
     * @param keys     a page of the cache: [4 groups][keyDim][16 keys]
     * @param firstKey number in the cache's page of the key with which the summarised page begins
     */
    abstract void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey);
}
