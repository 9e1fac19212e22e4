package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskBase;

/**
 * One list for all rows of a tile: sinks, recent keys, multiples of the stride, keys too new to be in a known page, and of the other pages the best ones that
 * the budget has room for. Sharing the list within a group of query heads is what makes decoding read each kept page once.
 */
final class BudgetSelection implements Selection {

    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private final BudgetParameters parameters;
    private final FixedKeys fixed;
    private final PageScorer scorer;

    BudgetSelection(BudgetParameters parameters, PageScorer scorer) {
        this.parameters = parameters;
        this.fixed = parameters.fixed();
        this.scorer = scorer;
    }

    @Override
    public void select(AttentionTile tile, AttentionMask mask, Worker worker) {
        int page = parameters.page();
        int pages = Math.ceilDiv(mask.keyCount(), page);
        int known = Math.min(pages, scorer.knownKeys(tile) / page);
        KeepWords keep = worker.keep();
        keep.reset(fixed, mask.blockCount());
        int[] optional = worker.list(pages);
        int count = divide(mask, pages, known, keep, optional);
        int wanted = wantedPages(mask.keyCount());
        if (count <= wanted) {
            return;
        }
        if (wanted > 0) {
            float[] scores = worker.pages(known);
            scorer.score(tile, mask, known, scores, worker);
            addBest(keep, scores, optional, count, wanted, worker);
        }
        for (int head = 0; head < mask.headCount(); head++) {
            keep.apply(mask, head);
        }
    }

    private int wantedPages(int keyCount) {
        long adaptive = (long) (parameters.budgetFraction() * keyCount);
        long keys = Math.max(parameters.budget(), adaptive) - fixed.sinks() - parameters.recent();
        return (int) Math.max(0, keys / parameters.page());
    }

    /** Keeps the pages that are always kept, lists the others that have a candidate, and returns their number. */
    private int divide(AttentionMask mask, int pages, int known, KeepWords keep, int[] optional) {
        int page = parameters.page();
        int sinkPages = Math.ceilDiv(fixed.sinks(), page);
        boolean ownKeys = mask.base() != MaskBase.CROSS;
        int recentFrom = ownKeys ? Math.max(0, mask.firstPosition() - parameters.recent() + 1) / page : pages;
        int recentTo = ownKeys ? (mask.firstPosition() + mask.queryCount() - 1) / page + 1 : pages;
        int count = 0;
        long candidates = 0;
        for (int p = 0; p < pages; p++) {
            int bit = p * page % BLOCK;
            candidates = bit == 0 ? MaskCells.candidates(mask, p * page / BLOCK) : candidates;
            if (p < sinkPages || p >= known || (p >= recentFrom && p < recentTo)) {
                keep.addPage(p, page);
            } else if ((candidates >>> bit << (BLOCK - page)) != 0) {
                optional[count++] = p;
            }
        }
        return count;
    }

    private void addBest(KeepWords keep, float[] scores, int[] optional, int count, int wanted, Worker worker) {
        int[] orders = worker.orders(count);
        for (int i = 0; i < count; i++) {
            orders[i] = TopK.order(scores[optional[i]]);
        }
        TopK best = worker.topK();
        best.find(orders, count, wanted);
        int ties = best.ties();
        for (int i = 0; i < count; i++) {
            if (orders[i] > best.threshold() || (orders[i] == best.threshold() && ties-- > 0)) {
                keep.addPage(optional[i], parameters.page());
            }
        }
    }
}
