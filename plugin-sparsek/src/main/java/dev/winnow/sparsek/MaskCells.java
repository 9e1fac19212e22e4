package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import java.util.Arrays;

/** What selections ask of the candidates of a mask. */
final class MaskCells {

    private MaskCells() {}

    /** Returns whether a head of the tile has a candidate in a block. */
    static boolean anyCandidate(AttentionMask mask, int block) {
        return anyCandidate(mask, 0, mask.headCount(), block);
    }

    /** Returns whether one of the heads {@code fromHead … toHead−1} has a candidate in a block. */
    static boolean anyCandidate(AttentionMask mask, int fromHead, int toHead, int block) {
        for (int head = fromHead; head < toHead; head++) {
            if (mask.candidateState(head, block) != AttentionMask.EMPTY) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a head of the tile has a candidate in one of the blocks {@code fromBlock … toBlock−1}, as far as there are such blocks. */
    static boolean anyCandidateInBlocks(AttentionMask mask, int fromBlock, int toBlock) {
        for (int block = fromBlock; block < Math.min(toBlock, mask.blockCount()); block++) {
            if (anyCandidate(mask, block)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Sets the scores of blocks without a candidate to −∞.
     *
     * @param perBlock scores of a block
     * @param n        number of scores, at {@code scores[offset …]}
     */
    static void hideEmptyBlocks(AttentionMask mask, int head, int perBlock, float[] scores, int offset, int n) {
        for (int from = 0; from < n; from += perBlock) {
            if (mask.candidateState(head, from / perBlock) == AttentionMask.EMPTY) {
                Arrays.fill(scores, offset + from, offset + Math.min(from + perBlock, n), Float.NEGATIVE_INFINITY);
            }
        }
    }

    /** Returns the candidates of a block for at least one row of the tile. */
    static long candidates(AttentionMask mask, int block) {
        long union = 0;
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                union |= mask.candidates(head, query, block);
            }
        }
        return union;
    }
}
