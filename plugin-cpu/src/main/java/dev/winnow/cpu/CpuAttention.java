package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Attention by vector instructions. All memory belongs to the worker that a tile names.
 *
 * <p>It can leave out blocks that hardly matter: a block whose scores are all smaller than the largest score so far by ln(n / ε), for n keys and in every row,
 * holds less than ε / n of a row's weight for each of its keys, so that all blocks left out hold less than ε of it (skip-softmax). The products with the keys
 * are still computed, the exponentials and the products with the values are not.
 */
final class CpuAttention implements AttentionBackend {

    private final TileAttention[] manyQueries; // [workers]
    private final FewQueriesAttention[] fewQueries; // [workers]
    private final double skippedWeight;

    /**
     * Creates the backend.
     *
     * @param skippedWeight the largest part of a row's softmax weight that may be left out, 0 ≤ ε < 1; 0 for none
     */
    CpuAttention(int workers, double skippedWeight) {
        this.skippedWeight = skippedWeight;
        manyQueries = new TileAttention[workers];
        fewQueries = new FewQueriesAttention[workers];
        for (int worker = 0; worker < workers; worker++) {
            AttentionScratch scratch = new AttentionScratch();
            manyQueries[worker] = new TileAttention(scratch);
            fewQueries[worker] = new FewQueriesAttention(scratch);
        }
    }

    @Override
    public List<String> unsupported(LayerSpec layer, KvType type) {
        return List.of();
    }

    @Override
    public void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target) {
        float skipBelow = skippedWeight == 0
                ? Float.NEGATIVE_INFINITY
                : (float) (Math.log(skippedWeight / tile.keyValues().keyCount()) / Math.log(2));
        if (tile.positionCount() <= FewQueriesAttention.MAX_QUERIES) {
            fewQueries[tile.worker()].attend(tile, mask, firstBlock, endBlock, skipBelow, target);
        } else {
            manyQueries[tile.worker()].attend(tile, mask, firstBlock, endBlock, skipBelow, target);
        }
    }

    /**
     * Returns how many (head, key) pairs tiles of many queries have computed, over all workers. This and {@link #computedKeysOfFewQueries} are there for the test
     * of the law of cost: what kernels read by address leaves no other trace, and times prove nothing on a busy machine.
     */
    long computedKeys() {
        return Arrays.stream(manyQueries).mapToLong(TileAttention::computedKeys).sum();
    }

    /** Returns how many (four rows, key) pairs tiles of few queries have computed, over all workers. */
    long computedKeysOfFewQueries() {
        return Arrays.stream(fewQueries).mapToLong(FewQueriesAttention::computedKeys).sum();
    }
}
