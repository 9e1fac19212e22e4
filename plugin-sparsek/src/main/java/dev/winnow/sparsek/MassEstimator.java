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
     * @param pages number of pages
     * @param mass  receives [heads][pages]; zeros at the start
     */
    void estimate(AttentionTile tile, AttentionMask mask, int pages, float[] mass, Worker worker);
}
