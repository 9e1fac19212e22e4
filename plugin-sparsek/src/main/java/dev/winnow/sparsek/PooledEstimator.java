package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.RefinerContext;

/**
 * Scores some or all queries of a tile against summaries of keys. A query's mass on the keys of a summary is that of keys at their mean, {@code e^(s·q·mean)} for
 * the scale s, or with variances that of Gaussian keys, {@code e^(s·q·mean + s²·Σ q²·variance / 2)} (the mean of a log-normal variable).
 */
final class PooledEstimator implements MassEstimator {

    private final PageMoments moments;
    private final int page;
    private final int sampledRows;
    private final LinearBackend products;
    private final ElementwiseBackend elementwise;

    /**
     * Creates the estimator.
     *
     * @param moments     summaries of as many keys as a page has, or of fewer that divide it
     * @param page        keys in a page
     * @param sampledRows query positions of a tile that are scored, evenly spaced and with the last one
     * @param context     the session's, for products and softmax
     */
    PooledEstimator(PageMoments moments, int page, int sampledRows, RefinerContext context) {
        this.moments = moments;
        this.page = page;
        this.sampledRows = sampledRows;
        this.products = context.products();
        this.elementwise = context.elementwise();
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return moments.completePages(tile.layer(), tile.kvHead()) * moments.pageSize();
    }

    @Override
    public void estimate(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int pages, float[] mass, Worker worker) {
        LayerSpec.Attention attention = tile.layer().attention();
        int perPage = page / moments.pageSize();
        int known = Math.min(pages * perPage, moments.completePages(tile.layer(), tile.kvHead()));
        int rowsPerHead = Math.min(sampledRows, mask.queryCount());
        int rows = headCount * rowsPerHead;
        int length = moments.length(tile.layer());
        float[] queries = prepareQueries(tile, mask, heads, headCount, rowsPerHead, length, worker);
        int stride = PageMoments.stride(known);
        float[] scores = worker.scores((long) rows * stride);
        moments.multiply(products, tile, mask, queries, rows, known, scores, worker);

        int perBlock = AttentionMask.BLOCK_KEYS / moments.pageSize();
        for (int row = 0; row < rows; row++) {
            int head = heads[row / rowsPerHead];
            int position = mask.firstPosition() + query(row % rowsPerHead, rowsPerHead, mask.queryCount());
            int visible = mask.base() == MaskBase.CAUSAL ? Math.min(known, position / moments.pageSize() + 1) : known;
            if (attention.softcap() != 0) {
                elementwise.softcap(scores, row * stride, visible, attention.softcap());
            }
            MaskCells.hideEmptyBlocks(mask, head, perBlock, scores, row * stride, visible);
            elementwise.addSoftmax(scores, row * stride, visible, perPage, mass, head * pages);
        }
    }

    /** Evenly spaced queries, of which the last is the tile's last. */
    private static int query(int index, int count, int queries) {
        return (index + 1) * queries / count - 1;
    }

    private float[] prepareQueries(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int rowsPerHead,
            int length, Worker worker) {
        int dim = tile.layer().attention().keyDim();
        float scale = tile.layer().attention().scale();
        float[] target = worker.queries((long) headCount * rowsPerHead * length);
        int at = 0;
        for (int i = 0; i < headCount; i++) {
            for (int index = 0; index < rowsPerHead; index++) {
                Worker.copyQuery(tile, heads[i], query(index, rowsPerHead, mask.queryCount()), scale, target, at);
                for (int c = at; c < at + length - dim; c++) {
                    target[c + dim] = target[c] * target[c] / 2;
                }
                at += length;
            }
        }
        return target;
    }
}
