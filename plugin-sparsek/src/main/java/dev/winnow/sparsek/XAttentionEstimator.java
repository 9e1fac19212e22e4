package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.RefinerContext;

/**
 * XAttention (Xu and others 2025): S neighbouring keys are scored against S neighbouring queries at once, by the sum of their products along the antidiagonal of the
 * S × S square, {@code Σ_t q[S−1−t]·k[t] / S}. Vertical and diagonal lines of large scores both cross every antidiagonal. Costs 1/(2S) of dense attention.
 */
final class XAttentionEstimator implements MassEstimator {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;
    private static final int LANES = KeyValues.GROUP_KEYS;

    private final int group; // S
    private final LinearBackend products;
    private final ElementwiseBackend elementwise;

    /**
     * Creates the estimator.
     *
     * @param group   keys in a group: 4, 8, 16, 32 or 64
     * @param context the session's, for products and softmax
     */
    XAttentionEstimator(int group, RefinerContext context) {
        this.group = group;
        this.products = context.products();
        this.elementwise = context.elementwise();
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return tile.keyValues().keyCount() / BLOCK * BLOCK;
    }

    @Override
    public void estimate(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int pages, float[] mass, Worker worker) {
        LayerSpec.Attention attention = tile.layer().attention();
        int queries = mask.queryCount();
        int groupsPerHead = Math.ceilDiv(queries, group);
        int rows = headCount * groupsPerHead;
        int length = group * attention.keyDim();
        int columns = mask.keyCount() / BLOCK * (BLOCK / group);
        float[] reversed = reverseQueries(tile, mask, heads, headCount, groupsPerHead, worker);
        float[] scores = worker.scores((long) rows * columns);
        multiply(tile, mask, reversed, rows, length, scores, columns, worker);

        for (int row = 0; row < rows; row++) {
            int head = heads[row / groupsPerHead];
            int last = mask.firstPosition() + firstQuery(row % groupsPerHead, queries) + Math.min(group, queries) - 1;
            int visible = mask.base() == MaskBase.CAUSAL ? Math.min(columns, (last + 1) / group) : columns;
            elementwise.scale(scores, row * columns, visible, attention.scale() / group);
            if (attention.softcap() != 0) {
                elementwise.softcap(scores, row * columns, visible, attention.softcap());
            }
            MaskCells.hideEmptyBlocks(mask, head, BLOCK / group, scores, row * columns, visible);
            elementwise.addSoftmax(scores, row * columns, visible, BLOCK / group, mass, head * pages);
        }
    }

    /** First query of a group; the last group of a tile that is no multiple of S overlaps the one before. */
    private int firstQuery(int index, int queries) {
        return Math.max(0, Math.min(index * group, queries - group));
    }

    /**
     * Lays the queries of each group out as {@link KeyPageReader#split} does the keys, last query first: [headCount][groups][S · keyDim]. A tile of fewer than S queries
     * repeats them.
     */
    private float[] reverseQueries(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int groupsPerHead, Worker worker) {
        int dim = tile.layer().attention().keyDim();
        int lanes = Math.min(group, LANES);
        int distinct = Math.min(group, mask.queryCount());
        float[] source = tile.queries();
        float[] target = worker.queries((long) headCount * groupsPerHead * group * dim);
        int row = 0;
        for (int i = 0; i < headCount; i++) {
            for (int index = 0; index < groupsPerHead; index++) {
                int base = row++ * group * dim;
                for (int t = 0; t < group; t++) {
                    int to = base + t / lanes * lanes * dim + t % lanes;
                    int from = tile.queryOffset(heads[i], firstQuery(index, mask.queryCount()) + distinct - 1 - t % distinct);
                    for (int c = 0; c < dim; c++) {
                        target[to + c * lanes] = source[from + c];
                    }
                }
            }
        }
        return target;
    }

    private void multiply(AttentionTile tile, AttentionMask mask, float[] reversed, int rows, int length, float[] scores, int columns,
            Worker worker) {
        float[] keys = worker.keys((long) BLOCK * tile.layer().attention().keyDim());
        int perBlock = BLOCK / group;
        for (int block = 0; block < columns / perBlock; block++) {
            if (MaskCells.anyCandidate(mask, block)) {
                worker.reader().split(tile.keyValues(), block, group, keys);
                products.multiplyTransposed(reversed, 0, length, rows, keys, 0, length, perBlock, length, scores, block * perBlock,
                        columns);
                worker.count((long) rows * perBlock * length);
            }
        }
    }
}
