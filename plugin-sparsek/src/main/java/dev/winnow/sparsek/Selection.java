package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;

/** A way of choosing keys for a tile. Called by many workers at once, each with its own scratch memory. */
interface Selection {

    /** Removes keys from the mask. */
    void select(AttentionTile tile, AttentionMask mask, Worker worker);
}
