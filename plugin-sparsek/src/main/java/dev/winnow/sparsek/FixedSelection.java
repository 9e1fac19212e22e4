package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskBase;

/** Keeps window, stride, sinks and the query's own key: SparseK with {@code top_k = 0}. */
final class FixedSelection implements Selection {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private final FixedKeys fixed;

    FixedSelection(FixedKeys fixed) {
        this.fixed = fixed;
    }

    @Override
    public void select(AttentionTile tile, AttentionMask mask, Worker worker) {
        int first = mask.firstPosition();
        int last = first + mask.queryCount() - 1;
        boolean ownKeys = mask.base() != MaskBase.CROSS;
        for (int block = 0; block < mask.blockCount(); block++) {
            long common = fixed.common(block);
            long ofFirst = fixed.word(first, block, common);
            boolean sameForAll = ofFirst == fixed.word(last, block, common)
                    && !(ownKeys && block >= first / BLOCK && block <= last / BLOCK);
            for (int head = 0; head < mask.headCount(); head++) {
                if (sameForAll) {
                    mask.retainColumns(head, block, ofFirst);
                } else {
                    retainRows(mask, head, block, common);
                }
            }
        }
    }

    private void retainRows(AttentionMask mask, int head, int block, long common) {
        for (int query = 0; query < mask.queryCount(); query++) {
            mask.retain(head, query, block, fixed.word(mask.firstPosition() + query, block, common) | ownKey(mask, query, block));
        }
    }

    /** Returns the bit of the query's own key, if it is in the block. */
    static long ownKey(AttentionMask mask, int query, int block) {
        int own = mask.firstPosition() + query;
        return mask.base() != MaskBase.CROSS && own / BLOCK == block ? 1L << (own % BLOCK) : 0;
    }
}
