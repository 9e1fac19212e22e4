package dev.winnow.core.attention;

import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The parts that the keys of a single query are cut into, for each KV head by its own mask: blocks that follow each other, with about as many kept keys in every
 * part. Kept keys count by groups of {@value KeyValues#GROUP_KEYS}, in which backends read them. A cut depends on nothing but the mask, so that the sums of the
 * parts, and with them the result, are the same for every number of threads.
 *
 * <p>Workers that compute parts wait for the worker that computes and cuts the mask of their head.
 */
final class KeyParts {

    /** Groups of a part, more or less: 1024 keys, enough work to pay for handing the part out and for merging its sums. */
    private static final int PART_GROUPS = 64;

    private static final int GROUPS = AttentionMask.BLOCK_KEYS / KeyValues.GROUP_KEYS;
    private static final long GROUP_BITS = (1L << KeyValues.GROUP_KEYS) - 1;
    private static final int PENDING = -1;

    private final WorkerPool pool;
    private final AtomicIntegerArray counts; // [kvHeads], PENDING until the head is cut
    private final int[][] bounds; // [kvHeads][1 + parts], first blocks of the parts, and behind the last the number of blocks
    private int limit = 1;

    KeyParts(WorkerPool pool, int kvHeads) {
        this.pool = pool;
        this.counts = new AtomicIntegerArray(kvHeads);
        this.bounds = new int[kvHeads][0];
    }

    /** Begins with heads that are not cut yet, before the region in which they are. */
    void begin(int kvHeads, int blocks) {
        limit = partsOf(blocks * GROUPS);
        for (int head = 0; head < kvHeads; head++) {
            counts.set(head, PENDING);
            if (bounds[head].length <= limit) {
                bounds[head] = new int[2 * limit + 1];
            }
        }
    }

    /** Returns the largest number of parts that a head can have. */
    int limit() {
        return limit;
    }

    /** Cuts a head, and lets the workers go that wait for it. */
    void cut(int kvHead, AttentionMask mask) {
        int blocks = mask.blockCount();
        int total = 0;
        for (int block = 0; block < blocks; block++) {
            total += liveGroups(mask, block);
        }
        int parts = partsOf(total);
        int[] ofHead = bounds[kvHead];
        ofHead[0] = 0;
        int part = 1;
        int before = 0;
        for (int block = 0; block < blocks && part < parts; block++) {
            before += liveGroups(mask, block);
            if ((long) before * parts >= (long) part * total) {
                ofHead[part++] = block + 1;
            }
        }
        ofHead[part] = blocks;
        counts.set(kvHead, part); // publishes the bounds, and the mask
    }

    private static int partsOf(int groups) {
        return Math.max(1, (groups + PART_GROUPS / 2) / PART_GROUPS);
    }

    private static int liveGroups(AttentionMask mask, int block) {
        long live = 0;
        for (int head = 0; head < mask.headCount(); head++) {
            live |= mask.columns(head, block);
        }
        int count = 0;
        for (int group = 0; group < GROUPS; group++) {
            count += (live >>> (group * KeyValues.GROUP_KEYS) & GROUP_BITS) == 0 ? 0 : 1;
        }
        return count;
    }

    /** Waits until a head is cut, and returns the number of its parts; 0 if it is not going to be cut, because the region stops. */
    int await(int kvHead) {
        for (int turn = 0;; turn++) {
            int parts = counts.get(kvHead);
            if (parts != PENDING) {
                return parts;
            }
            if (pool.isStopping()) {
                return 0;
            }
            WorkerPool.pause(turn);
        }
    }

    /** Returns the number of parts of a head, 0 if it is not cut. */
    int count(int kvHead) {
        return Math.max(0, counts.get(kvHead));
    }

    /** Returns the first block of a part, and for the number of parts the number of blocks. */
    int bound(int kvHead, int part) {
        return bounds[kvHead][part];
    }
}
