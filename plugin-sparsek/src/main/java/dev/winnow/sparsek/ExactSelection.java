package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LinearBackend;

/**
 * SparseK by its definition: of its candidates, each query row keeps the {@code top_k} with the largest q·k (ties: lower position first), the fixed keys and
 * its own key. All scores are computed, in F32; scaling and soft-capping would not change their order.
 */
final class ExactSelection implements Selection {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    /** Rows that are scored together. They share the conversion of the keys; their scores are the largest part of the scratch memory. */
    private static final int ROWS = 64;

    private final int topK; // above 0
    private final FixedKeys fixed;
    private final LinearBackend products;

    ExactSelection(int topK, FixedKeys fixed, LinearBackend products) {
        this.topK = topK;
        this.fixed = fixed;
        this.products = products;
    }

    @Override
    public void select(AttentionTile tile, AttentionMask mask, Worker worker) {
        long[] common = worker.words(mask.blockCount());
        for (int block = 0; block < mask.blockCount(); block++) {
            common[block] = fixed.common(block);
        }
        int headsAtOnce = Math.max(1, ROWS / mask.queryCount());
        for (int head = 0; head < mask.headCount(); head += headsAtOnce) {
            int endHead = Math.min(head + headsAtOnce, mask.headCount());
            if (hasMoreThanTopK(mask, head, endHead)) {
                float[] scores = score(tile, mask, head, endHead, worker);
                for (int row = 0; row < (endHead - head) * mask.queryCount(); row++) {
                    selectRow(mask, head + row / mask.queryCount(), row % mask.queryCount(), scores, row, common, worker);
                }
            }
        }
    }

    private boolean hasMoreThanTopK(AttentionMask mask, int fromHead, int toHead) {
        for (int head = fromHead; head < toHead; head++) {
            for (int query = mask.queryCount() - 1; query >= 0; query--) { // the last query of a causal tile sees most
                long candidates = 0;
                for (int block = 0; block < mask.blockCount(); block++) {
                    candidates += Long.bitCount(mask.candidates(head, query, block));
                }
                if (candidates > topK) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Scores the rows of some heads against all keys of blocks that hold a candidate: [rows][64 · blocks]. */
    private float[] score(AttentionTile tile, AttentionMask mask, int fromHead, int toHead, Worker worker) {
        KeyValues keyValues = tile.keyValues();
        int dim = keyValues.keyDim();
        int rows = (toHead - fromHead) * mask.queryCount();
        int stride = mask.blockCount() * BLOCK;
        float[] queries = worker.queries((long) rows * dim);
        for (int row = 0; row < rows; row++) {
            Worker.copyQuery(tile, fromHead + row / mask.queryCount(), row % mask.queryCount(), 1, queries, row * dim);
        }
        float[] keys = worker.keys((long) BLOCK * dim);
        float[] scores = worker.scores((long) rows * stride);
        for (int block = 0; block < mask.blockCount(); block++) {
            if (MaskCells.anyCandidate(mask, fromHead, toHead, block)) {
                int count = Math.min(BLOCK, mask.keyCount() - block * BLOCK);
                worker.reader().readRows(keyValues, block, keys);
                products.multiplyTransposed(queries, 0, dim, rows, keys, 0, dim, count, dim, scores, block * BLOCK, stride);
                worker.count((long) rows * count * dim);
            }
        }
        return scores;
    }

    private void selectRow(AttentionMask mask, int head, int query, float[] scores, int row, long[] common, Worker worker) {
        int[] orders = worker.orders(mask.blockCount() * BLOCK);
        int candidates = orderCandidates(mask, head, query, scores, row * mask.blockCount() * BLOCK, orders);
        if (candidates <= topK) {
            return;
        }
        TopK best = worker.topK();
        best.find(orders, candidates, topK);
        int threshold = best.threshold();
        int ties = best.ties();
        int next = 0; // index in orders, which holds the candidates in the order of their positions
        for (int block = 0; block < mask.blockCount(); block++) {
            long word = mask.candidates(head, query, block);
            long above = atLeast(orders, next, word, threshold, 1);
            long equal = ties > 0 ? atLeast(orders, next, word, threshold, 0) ^ above : 0;
            next += Long.bitCount(word);
            for (; ties > 0 && equal != 0; ties--) {
                above |= equal & -equal;
                equal &= equal - 1;
            }
            long fixedKeys = fixed.word(mask.firstPosition() + query, block, common[block]);
            mask.retain(head, query, block, above | fixedKeys | FixedSelection.ownKey(mask, query, block));
        }
    }

    /**
     * Returns the candidates of a block whose order is at least {@code threshold + excess}.
     *
     * @param next   index of the block's first candidate in {@code orders}
     * @param excess 0, or 1 for those above the threshold
     */
    private static long atLeast(int[] orders, int next, long candidates, int threshold, int excess) {
        long result = 0;
        if (candidates == -1L) {
            for (int key = 0; key < BLOCK; key++) {
                result |= ((long) threshold + excess - 1 - orders[next + key]) >>> 63 << key; // the sign bit
            }
            return result;
        }
        int at = next;
        for (long rest = candidates; rest != 0; rest &= rest - 1) {
            result |= ((long) threshold + excess - 1 - orders[at++]) >> 63 & rest & -rest;
        }
        return result;
    }

    private static int orderCandidates(AttentionMask mask, int head, int query, float[] scores, int offset, int[] orders) {
        int count = 0;
        for (int block = 0; block < mask.blockCount(); block++) {
            int start = offset + block * BLOCK;
            long word = mask.candidates(head, query, block);
            if (word == -1L) {
                for (int key = 0; key < BLOCK; key++) {
                    orders[count + key] = TopK.order(scores[start + key]);
                }
                count += BLOCK;
                continue;
            }
            for (long rest = word; rest != 0; rest &= rest - 1) {
                orders[count++] = TopK.order(scores[start + Long.numberOfTrailingZeros(rest)]);
            }
        }
        return count;
    }
}
