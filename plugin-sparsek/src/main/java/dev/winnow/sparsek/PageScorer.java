package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;

/** Scores pages of keys for all rows of a tile together. Used by many workers at once. */
interface PageScorer {

    /** Returns the number of keys, from the first, in pages that can be scored. */
    int knownKeys(AttentionTile tile);

    /**
     * Scores pages by the best of the tile's rows.
     *
     * @param pages  number of known pages
     * @param scores receives [pages]; the score of a page without a candidate is not specified
     */
    void score(AttentionTile tile, AttentionMask mask, int pages, float[] scores, Worker worker);
}
