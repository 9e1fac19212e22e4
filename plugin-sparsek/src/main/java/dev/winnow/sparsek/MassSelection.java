package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskBase;
import java.util.Arrays;

/**
 * For each query head of a tile, the fewest pages that together hold the part {@code tau} of the estimated softmax mass, but no more than {@code top_k} keys.
 * Sinks, the tile's own pages and recent ones, multiples of the stride and pages unknown to the estimator are always kept, and their mass counts.
 * Heads with {@code tau} 0 keep only these, and heads with {@code tau} 1 everything; neither is estimated.
 */
final class MassSelection implements Selection {

    private final MassParameters parameters;
    private final FixedKeys fixed;
    private final MassEstimator estimator;

    MassSelection(MassParameters parameters, MassEstimator estimator) {
        this.parameters = parameters;
        this.fixed = parameters.fixed();
        this.estimator = estimator;
    }

    @Override
    public void select(AttentionTile tile, AttentionMask mask, Worker worker) {
        int page = parameters.page();
        int pages = Math.ceilDiv(mask.keyCount(), page);
        int known = estimator.knownKeys(tile) / page;
        float[] mass = worker.pages((long) mask.headCount() * pages);
        Arrays.fill(mass, 0, mask.headCount() * pages, 0);
        int[] estimated = worker.orders(mask.headCount());
        int estimatedCount = 0;
        for (int head = 0; head < mask.headCount(); head++) {
            double tau = parameters.tau().of(tile.layer(), tile.firstHead() + head);
            if (tau > 0 && !parameters.keepsAll(tau)) {
                estimated[estimatedCount++] = head;
            }
        }
        if (estimatedCount > 0) {
            estimator.estimate(tile, mask, estimated, estimatedCount, pages, mass, worker);
        }

        int sinkPages = Math.ceilDiv(fixed.sinks(), page);
        boolean ownKeys = mask.base() != MaskBase.CROSS;
        int recentFrom = ownKeys ? Math.max(0, mask.firstPosition() - parameters.recent()) / page : 0;
        int recentTo = ownKeys ? (mask.firstPosition() + mask.queryCount() - 1) / page + 1 : 0;
        KeepWords keep = worker.keep();
        int[] optional = worker.list(pages);
        int limit = parameters.topK() == 0 ? pages : Math.ceilDiv(parameters.topK(), page);
        for (int head = 0; head < mask.headCount(); head++) {
            double tau = parameters.tau().of(tile.layer(), tile.firstHead() + head);
            if (parameters.keepsAll(tau)) {
                continue;
            }
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
                    optional[count++] = p;
                }
            }
            if (total > 0 || tau == 0) { // false without candidates, and for scores that are not numbers
                worker.largest().add(keep, mass, offset, optional, count, tau * total - kept, limit, page);
                keep.apply(mask, head);
            }
        }
    }
}
