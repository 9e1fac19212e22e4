package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.MaskBase;

/**
 * Scores some or all queries of a tile against summaries of keys. A query's mass on the keys of a summary is that of keys at their mean, {@code e^(s·q·mean)} for
 * the scale s, or with variances that of Gaussian keys, {@code e^(s·q·mean + s²·Σ q²·variance / 2)} (the mean of a log-normal variable).
 */
final class PooledEstimator implements MassEstimator {

    private final PageMoments moments;
    private final int page;
    private final int sampledRows;
    private final LinearBackend products;

    /**
     * Creates the estimator.
     *
     * @param moments     summaries of as many keys as a page has, or of fewer that divide it
     * @param page        keys in a page
     * @param sampledRows query positions of a tile that are scored, evenly spaced and with the last one
     */
    PooledEstimator(PageMoments moments, int page, int sampledRows, LinearBackend products) {
        this.moments = moments;
        this.page = page;
        this.sampledRows = sampledRows;
        this.products = products;
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
        float[] scores = worker.scores((long) rows * known);
        multiply(tile, mask, queries, rows, length, scores, known, worker);

        int perBlock = AttentionMask.BLOCK_KEYS / moments.pageSize();
        for (int row = 0; row < rows; row++) {
            int head = heads[row / rowsPerHead];
            int position = mask.firstPosition() + query(row % rowsPerHead, rowsPerHead, mask.queryCount());
            int visible = mask.base() == MaskBase.CAUSAL ? Math.min(known, position / moments.pageSize() + 1) : known;
            SoftmaxMass.toScores(scores, row * known, visible, 1, attention.softcap());
            MaskCells.hideEmptyBlocks(mask, head, perBlock, scores, row * known, visible);
            SoftmaxMass.add(scores, row * known, visible, perPage, mass, head * pages);
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

    private void multiply(AttentionTile tile, AttentionMask mask, float[] queries, int rows, int length, float[] scores, int known,
            Worker worker) {
        float[] ofChunk = worker.keys((long) rows * KeySummaries.CHUNK_PAGES);
        for (int from = 0; from < known; from += KeySummaries.CHUNK_PAGES) {
            int chunk = from / KeySummaries.CHUNK_PAGES;
            int count = Math.min(KeySummaries.CHUNK_PAGES, known - from);
            if (moments.anyCandidate(mask, chunk)) {
                products.multiplyKeyPage(queries, 0, length, rows, moments.chunk(tile.layer(), tile.kvHead(), chunk), length, ofChunk, 0,
                        KeySummaries.CHUNK_PAGES);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(ofChunk, row * KeySummaries.CHUNK_PAGES, scores, row * known + from, count);
                }
                worker.count((long) rows * count * length);
            }
        }
    }
}
