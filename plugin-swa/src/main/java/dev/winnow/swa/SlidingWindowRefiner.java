package dev.winnow.swa;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;

/**
 * Removes the key j from the query at position i if {@code i − j ≥ window}. A layer's own window (from the model) knows no exception; a window that the user
 * forces on all layers spares the first {@code sinks} keys. Holds no state and is thread-safe.
 */
final class SlidingWindowRefiner implements MaskRefiner {

    private final int forcedWindow; // 0 for none
    private final int sinks;

    SlidingWindowRefiner(int forcedWindow, int sinks) {
        this.forcedWindow = forcedWindow;
        this.sinks = sinks;
    }

    @Override
    public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        return reaches(layer.attention().window(), keyCount) || reaches(forcedWindow, keyCount);
    }

    /** A window as long as the keys removes nothing. */
    private static boolean reaches(int window, int keyCount) {
        return window > 0 && window < keyCount;
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        int window = tile.layer().attention().window();
        if (window > 0) {
            slide(mask, window, 0);
        }
        if (forcedWindow > 0) {
            slide(mask, forcedWindow, sinks);
        }
    }

    /** Keeps, of the keys from {@code from} on, those in the window of each row. */
    private static void slide(AttentionMask mask, int window, int from) {
        int firstVisible = mask.firstPosition() - window + 1; // to the first query; one more for each that follows
        for (int head = 0; head < mask.headCount(); head++) {
            mask.removeKeys(head, from, firstVisible);
            for (int query = 1; query < mask.queryCount(); query++) {
                mask.removeRange(head, query, Math.max(from, firstVisible), firstVisible + query);
            }
        }
    }
}
