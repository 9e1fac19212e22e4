package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;

/** Estimates the softmax mass that the pages of keys have for the heads of a tile. Used by many workers at once. */
interface MassEstimator {

    /** Returns the number of keys, from the first, in pages that the estimator knows about. */
    int knownKeys(AttentionTile tile);

    /**
     * Estimates masses. A page without candidates has none.
     *
     * @param heads     heads of the tile that are wanted
     * @param headCount number of them
     * @param pages     number of pages
     * @param mass      receives [heads of the tile][pages]; zeros at the start
     */
    void estimate(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int pages, float[] mass, Worker worker);
}
