package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskBase;
import java.util.Arrays;

/**
 * For each query head of a tile, the fewest pages that together hold the part {@code tau} of the estimated softmax mass, but no more than {@code top_k} keys.
 * Sinks, the tile's own pages and recent ones, multiples of the stride and pages unknown to the estimator are always kept, and their mass counts.
 */
final class MassSelection implements Selection {

    private final PhaseParameters parameters;
    private final FixedKeys fixed;
    private final MassEstimator estimator;

    MassSelection(PhaseParameters parameters, MassEstimator estimator) {
        this.parameters = parameters;
        this.fixed = parameters.fixedKeys();
        this.estimator = estimator;
    }

    @Override
    public void select(AttentionTile tile, AttentionMask mask, Worker worker) {
        int page = parameters.page();
        int pages = Math.ceilDiv(mask.keyCount(), page);
        int known = estimator.knownKeys(tile) / page;
        float[] mass = worker.pages((long) mask.headCount() * pages);
        Arrays.fill(mass, 0, mask.headCount() * pages, 0);
        estimator.estimate(tile, mask, pages, mass, worker);

        int sinkPages = Math.ceilDiv(parameters.sinks(), page);
        boolean ownKeys = mask.base() != MaskBase.CROSS;
        int recentFrom = ownKeys ? Math.max(0, mask.firstPosition() - parameters.recent()) / page : 0;
        int recentTo = ownKeys ? (mask.firstPosition() + mask.queryCount() - 1) / page + 1 : 0;
        KeepWords keep = worker.keep();
        int[] heap = worker.list(pages);
        for (int head = 0; head < mask.headCount(); head++) {
            keep.reset(fixed, mask.blockCount());
            int offset = head * pages;
            int count = 0;
            double total = 0;
            double kept = 0;
            for (int p = 0; p < pages; p++) {
                float m = mass[offset + p];
                total += m;
                if (p < sinkPages || p >= known || (p >= recentFrom && p < recentTo)) {
                    keep.addPage(p, page);
                    kept += m;
                } else if (m > 0) {
                    heap[count++] = p;
                }
            }
            if (total > 0) { // false without candidates, and for scores that are not numbers
                addLargest(keep, mass, offset, heap, count, parameters.tau() * total - kept);
                keep.apply(mask, head);
            }
        }
    }

    /** Adds pages in the order of their mass until {@code wanted} is reached. Few pages are needed, so a heap beats sorting. */
    private void addLargest(KeepWords keep, float[] mass, int offset, int[] heap, int count, double wanted) {
        for (int root = count / 2 - 1; root >= 0; root--) {
            sift(mass, offset, heap, root, count);
        }
        int limit = parameters.topK() == 0 ? count : Math.min(count, Math.ceilDiv(parameters.topK(), parameters.page()));
        double missing = wanted;
        int size = count;
        for (int added = 0; added < limit && missing > 0; added++) {
            int best = heap[0];
            keep.addPage(best, parameters.page());
            missing -= mass[offset + best];
            heap[0] = heap[--size];
            sift(mass, offset, heap, 0, size);
        }
    }

    private static void sift(float[] mass, int offset, int[] heap, int root, int size) {
        int page = heap[root];
        int at = root;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && comesFirst(mass, offset, heap[child + 1], heap[child])) {
                child++;
            }
            if (!comesFirst(mass, offset, heap[child], page)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        if (at < size) {
            heap[at] = page;
        }
    }

    /** Larger mass first; equal ones by position, so that every run gives the same list. */
    private static boolean comesFirst(float[] mass, int offset, int page, int other) {
        float difference = mass[offset + page] - mass[offset + other];
        return difference > 0 || (difference == 0 && page < other);
    }
}
