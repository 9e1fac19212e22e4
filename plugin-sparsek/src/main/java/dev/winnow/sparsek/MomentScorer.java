package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;

/**
 * Scores a page by the best of its summaries, {@code q·mean + |q|·deviation}: the score of a key that lies one standard deviation towards the query in every
 * dimension. Ranks pages far better than the bound from minima and maxima, at the same cost.
 */
final class MomentScorer implements PageScorer {

    private final PageMoments moments;
    private final int page;
    private final LinearBackend products;

    /**
     * Creates the scorer.
     *
     * @param moments summaries of as many keys as a page has, or of fewer that divide it
     * @param page    keys in a page
     */
    MomentScorer(PageMoments moments, int page, LinearBackend products) {
        this.moments = moments;
        this.page = page;
        this.products = products;
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return moments.completePages(tile.layer(), tile.kvHead()) * moments.pageSize();
    }

    @Override
    public void score(AttentionTile tile, AttentionMask mask, int pages, float[] scores, Worker worker) {
        LayerSpec layer = tile.layer();
        int length = moments.length(layer);
        int rows = mask.headCount() * mask.queryCount();
        int perPage = page / moments.pageSize();
        float[] queries = prepareQueries(tile, mask, length, worker);
        int summaries = pages * perPage;
        int stride = PageMoments.stride(summaries);
        float[] ofRows = worker.scores((long) rows * stride);
        moments.multiply(products, tile, mask, queries, rows, summaries, ofRows, worker);
        bestOfRows(ofRows, rows, stride, summaries, ofRows, 0);
        bestOfPages(ofRows, summaries, perPage, scores);
    }

    /** Returns the queries, each with its absolute values behind it: [heads · queries][length]. */
    private static float[] prepareQueries(AttentionTile tile, AttentionMask mask, int length, Worker worker) {
        int rows = mask.headCount() * mask.queryCount();
        float[] queries = worker.queries((long) rows * length);
        for (int row = 0; row < rows; row++) {
            int at = row * length;
            Worker.copyQuery(tile, row / mask.queryCount(), row % mask.queryCount(), 1, queries, at);
            for (int c = at; c < at + length / 2; c++) {
                queries[c + length / 2] = Math.abs(queries[c]);
            }
        }
        return queries;
    }

    /** Writes, for each of {@code count} columns, the largest of the rows, which lie {@code stride} apart; the target may be the first row. */
    static void bestOfRows(float[] ofRows, int rows, int stride, int count, float[] target, int offset) {
        System.arraycopy(ofRows, 0, target, offset, count);
        for (int row = 1; row < rows; row++) {
            for (int i = 0; i < count; i++) {
                target[offset + i] = Math.max(target[offset + i], ofRows[row * stride + i]);
            }
        }
    }

    /** Writes the largest of each {@code perPage} neighbouring scores. */
    private static void bestOfPages(float[] scores, int count, int perPage, float[] target) {
        for (int p = 0; p < count / perPage; p++) {
            float best = scores[p * perPage];
            for (int i = p * perPage + 1; i < (p + 1) * perPage; i++) {
                best = Math.max(best, scores[i]);
            }
            target[p] = best;
        }
    }
}
