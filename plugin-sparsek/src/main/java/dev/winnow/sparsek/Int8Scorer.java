package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;

/** Scores every key with its 8-bit copy; a page has the score of its best candidate. */
final class Int8Scorer implements PageScorer {

    private static final int BLOCK = KeyValues.PAGE_KEYS;

    private final Int8Keys int8Keys;
    private final int page;
    private final LinearBackend products;

    /**
     * Creates the scorer.
     *
     * @param page keys in a page: 1 … 64, a power of two
     */
    Int8Scorer(Int8Keys int8Keys, int page, LinearBackend products) {
        this.int8Keys = int8Keys;
        this.page = page;
        this.products = products;
    }

    @Override
    public int knownKeys(AttentionTile tile) {
        return int8Keys.completePages(tile.layer(), tile.kvHead()) * BLOCK;
    }

    @Override
    public void score(AttentionTile tile, AttentionMask mask, int pages, float[] scores, Worker worker) {
        LayerSpec layer = tile.layer();
        int dim = layer.attention().keyDim();
        int rows = mask.headCount() * mask.queryCount();
        float[] queries = worker.queries((long) rows * dim);
        for (int row = 0; row < rows; row++) {
            Worker.copyQuery(tile, row / mask.queryCount(), row % mask.queryCount(), 1, queries, row * dim);
        }
        float[] keys = worker.keys((long) BLOCK * dim);
        float[] ofRows = worker.scores((long) (rows + 1) * BLOCK);
        int best = rows * BLOCK; // the last row
        for (int block = 0; block < pages * page / BLOCK; block++) {
            long candidates = MaskCells.candidates(mask, block);
            if (candidates != 0) {
                int8Keys.read(layer, tile.kvHead(), block, keys);
                products.multiplyTransposed(queries, 0, dim, rows, keys, 0, dim, BLOCK, dim, ofRows, 0, BLOCK);
                worker.count((long) rows * BLOCK * dim);
                MomentScorer.bestOfRows(ofRows, rows, BLOCK, BLOCK, ofRows, best);
                toPages(ofRows, best, int8Keys.scales(layer, tile.kvHead(), block), candidates, scores, block * BLOCK / page);
            }
        }
    }

    private void toPages(float[] best, int offset, float[] scales, long candidates, float[] scores, int firstPage) {
        for (int p = 0; p < BLOCK / page; p++) {
            float top = Float.NEGATIVE_INFINITY;
            for (int key = p * page; key < (p + 1) * page; key++) {
                if ((candidates >>> key & 1) != 0) {
                    top = Math.max(top, best[offset + key] * scales[key]);
                }
            }
            scores[firstPage + p] = top;
        }
    }
}
