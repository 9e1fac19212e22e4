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
        float[] ofRows = worker.scores((long) rows * KeySummaries.CHUNK_PAGES);
        for (int from = 0; from < pages * perPage; from += KeySummaries.CHUNK_PAGES) {
            int chunk = from / KeySummaries.CHUNK_PAGES;
            int count = Math.min(KeySummaries.CHUNK_PAGES, pages * perPage - from);
            if (moments.anyCandidate(mask, chunk)) {
                products.multiplyKeyPage(queries, 0, length, rows, moments.chunk(layer, tile.kvHead(), chunk), length, ofRows, 0,
                        KeySummaries.CHUNK_PAGES);
                worker.count((long) rows * count * length);
                bestOfRows(ofRows, rows, count, ofRows, 0);
                bestOfPages(ofRows, count, perPage, scores, from / perPage);
            }
        }
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

    /** Writes, for each of {@code count} columns, the largest of the rows, which lie {@code CHUNK_PAGES} apart; the target may be the first row. */
    static void bestOfRows(float[] ofRows, int rows, int count, float[] target, int offset) {
        System.arraycopy(ofRows, 0, target, offset, count);
        for (int row = 1; row < rows; row++) {
            for (int i = 0; i < count; i++) {
                target[offset + i] = Math.max(target[offset + i], ofRows[row * KeySummaries.CHUNK_PAGES + i]);
            }
        }
    }

    /** Writes the largest of each {@code perPage} neighbouring scores. */
    private static void bestOfPages(float[] scores, int count, int perPage, float[] target, int offset) {
        for (int p = 0; p < count / perPage; p++) {
            float best = scores[p * perPage];
            for (int i = p * perPage + 1; i < (p + 1) * perPage; i++) {
                best = Math.max(best, scores[i]);
            }
            target[offset + p] = best;
        }
    }
}
