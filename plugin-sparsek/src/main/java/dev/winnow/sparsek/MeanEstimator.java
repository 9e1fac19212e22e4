package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;

/** Scores some or all queries of a tile against the mean of each page: the mass of a page is the softmax of {@code s·q·mean}, for the scale s. */
final class MeanEstimator implements MassEstimator {

    private final PageMeans means;
    private final int sampledRows;

    /**
     * Creates the estimator.
     *
     * @param sampledRows query positions of a tile that are scored, evenly spaced and with the last one
     */
    MeanEstimator(PageMeans means, int sampledRows) {
        this.means = means;
        this.sampledRows = sampledRows;
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return means.completePages(tile.layer(), tile.kvHead()) * means.pageSize();
    }

    @Override
    public void estimate(AttentionTile tile, AttentionMask mask, int[] heads, int headCount, int pages, float[] mass, Worker worker) {
        LayerSpec.Attention attention = tile.layer().attention();
        int known = Math.min(pages, means.completePages(tile.layer(), tile.kvHead()));
        int rowsPerHead = Math.min(sampledRows, mask.queryCount());
        int rows = headCount * rowsPerHead;
        int dim = attention.keyDim();
        float[] queries = worker.queries((long) rows * dim);
        for (int row = 0; row < rows; row++) {
            Worker.copyQuery(tile, heads[row / rowsPerHead], PooledEstimator.query(row % rowsPerHead, rowsPerHead, mask.queryCount()),
                    attention.scale(), queries, row * dim);
        }
        float[] scores = worker.scores((long) rows * known);
        int blocksPerChunk = means.pageSize(); // a chunk holds as many pages as a block holds keys
        for (int from = 0; from < known; from += KeySummaries.CHUNK_PAGES) {
            int chunk = from / KeySummaries.CHUNK_PAGES;
            int count = Math.min(KeySummaries.CHUNK_PAGES, known - from);
            if (MaskCells.anyCandidateInBlocks(mask, chunk * blocksPerChunk, (chunk + 1) * blocksPerChunk)) {
                worker.product().multiply(queries, rows, dim, means.means(tile.layer(), tile.kvHead(), chunk), count, scores, from, known);
                worker.count((long) rows * count * dim);
            }
        }
        int perBlock = AttentionMask.BLOCK_KEYS / means.pageSize();
        for (int row = 0; row < rows; row++) {
            int head = heads[row / rowsPerHead];
            int position = mask.firstPosition() + PooledEstimator.query(row % rowsPerHead, rowsPerHead, mask.queryCount());
            int visible = mask.base() == MaskBase.CAUSAL ? Math.min(known, position / means.pageSize() + 1) : known;
            SoftmaxMass.toScores(scores, row * known, visible, 1, attention.softcap());
            MaskCells.hideEmptyBlocks(mask, head, perBlock, scores, row * known, visible);
            SoftmaxMass.add(scores, row * known, visible, 1, mass, head * pages);
        }
    }
}
