package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;

/**
 * Scores a page by {@code q·mean + |q|·deviation}: the score of a key that lies one standard deviation towards the query in every dimension. Ranks pages far better than
 * the bound from minima and maxima, at the same cost.
 */
final class MomentScorer implements PageScorer {

    private final PageMoments moments;
    private final LinearBackend products;

    MomentScorer(PageMoments moments, LinearBackend products) {
        this.moments = moments;
        this.products = products;
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return moments.completePages(tile.layer(), tile.kvHead()) * moments.pageSize();
    }

    @Override
    public void score(AttentionTile tile, AttentionMask mask, int pages, float[] scores, Worker worker) {
        LayerSpec layer = tile.layer();
        int dim = layer.attention().keyDim();
        int length = 2 * dim;
        int rows = mask.headCount() * mask.queryCount();
        float[] queries = worker.queries((long) rows * length);
        for (int row = 0; row < rows; row++) {
            int at = row * length;
            Worker.copyQuery(tile, row / mask.queryCount(), row % mask.queryCount(), 1, queries, at);
            for (int c = at; c < at + dim; c++) {
                queries[c + dim] = Math.abs(queries[c]);
            }
        }
        float[] ofRows = worker.scores((long) rows * KeySummaries.CHUNK_PAGES);
        int blocksPerChunk = moments.pageSize(); // a chunk holds as many pages as a block holds keys
        for (int from = 0; from < pages; from += KeySummaries.CHUNK_PAGES) {
            int chunk = from / KeySummaries.CHUNK_PAGES;
            int count = Math.min(KeySummaries.CHUNK_PAGES, pages - from);
            if (MaskCells.anyCandidateInBlocks(mask, chunk * blocksPerChunk, (chunk + 1) * blocksPerChunk)) {
                products.multiplyKeyPage(queries, 0, length, rows, moments.chunk(layer, tile.kvHead(), chunk), length, ofRows, 0,
                        KeySummaries.CHUNK_PAGES);
                worker.count((long) rows * count * length);
                bestOfRows(ofRows, rows, count, scores, from);
            }
        }
    }

    /** Writes, for each of {@code count} columns, the largest of the rows, which lie {@code CHUNK_PAGES} apart. */
    static void bestOfRows(float[] ofRows, int rows, int count, float[] target, int offset) {
        System.arraycopy(ofRows, 0, target, offset, count);
        for (int row = 1; row < rows; row++) {
            for (int i = 0; i < count; i++) {
                target[offset + i] = Math.max(target[offset + i], ofRows[row * KeySummaries.CHUNK_PAGES + i]);
            }
        }
    }
}
