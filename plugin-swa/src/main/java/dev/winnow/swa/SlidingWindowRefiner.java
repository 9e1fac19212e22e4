package dev.winnow.swa;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;

/** Removes the keys j of a query at position i with {@code i − j ≥ window}. Stateless, so it is safe for any number of workers. */
final class SlidingWindowRefiner implements MaskRefiner {

    private final int[] windows; // [layer], 0 for none
    private final int forcedWindow; // 0 for none
    private final int sinks; // first keys that a forced window keeps

    SlidingWindowRefiner(int[] windows, int forcedWindow, int sinks) {
        this.windows = windows;
        this.forcedWindow = forcedWindow;
        this.sinks = sinks;
    }

    @Override
    public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        int own = windows[layer.index()];
        return (own > 0 && keyCount > own) || (forcedWindow > 0 && keyCount > forcedWindow);
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        int own = windows[tile.layer().index()];
        if (own > 0) {
            narrow(mask, own, 0);
        }
        if (forcedWindow > 0) {
            narrow(mask, forcedWindow, sinks);
        }
    }

    private static void narrow(AttentionMask mask, int window, int sinks) {
        int firstKept = mask.firstPosition() - window + 1; // by the first query
        int lastKept = firstKept + mask.queryCount() - 1; // the first key that the last query keeps
        if (lastKept <= sinks) {
            return;
        }
        // Blocks that no query sees go as a whole; only those at the edge of the window need words.
        int sinkBlocks = (sinks + AttentionMask.BLOCK_KEYS - 1) / AttentionMask.BLOCK_KEYS;
        int edge = Math.max(sinkBlocks, Math.max(0, firstKept) / AttentionMask.BLOCK_KEYS);
        for (int head = 0; head < mask.headCount(); head++) {
            mask.removeBlocks(head, sinkBlocks, edge);
            for (int query = 0; query < mask.queryCount(); query++) {
                int kept = firstKept + query;
                mask.removeRange(head, query, sinks, Math.min(kept, sinkBlocks * AttentionMask.BLOCK_KEYS));
                mask.removeRange(head, query, Math.max(sinks, edge * AttentionMask.BLOCK_KEYS), kept);
            }
        }
    }
}
