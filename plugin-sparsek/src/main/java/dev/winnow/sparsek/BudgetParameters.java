package dev.winnow.sparsek;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.util.OptionalInt;
import java.util.function.BiConsumer;

/**
 * Effective parameters of the selections of decoding that keep a number of keys.
 *
 * @param method         pages or int8
 * @param topK           best keys to keep, which the budget has room for if it is not given; 0 for none
 * @param fixed          keys that are kept because of their position; no window
 * @param recent         latest keys that are always kept, the (first) query's own included
 * @param page           keys that are kept or removed together
 * @param summary        keys of a page that share mean and spread; 0 for a score of each key (int8)
 * @param budget         keys that are kept, sinks and recent ones included
 * @param budgetFraction part of the context that the budget grows to
 * @param minContext     number of visible keys below which nothing is removed
 */
record BudgetParameters(Method method, int topK, FixedKeys fixed, int recent, int page, int summary, int budget, double budgetFraction,
        int minContext) implements PhaseParameters {

    private static final int RECENT = 128;
    private static final int SINKS = 16;

    /** Keys that share mean and spread. Half as many are twice the work and lose a third less; twice as many lose three times as much. */
    private static final int SUMMARY = 8;

    static BudgetParameters pages(ParameterReader reader) {
        int page = reader.powerOfTwo("page", 16, 64, 16);
        int budget = budget(reader, page);
        return read(reader, Method.PAGES, page, reader.powerOfTwo("summary", 4, page, SUMMARY), budget, Math.max(2048, 3L * budget));
    }

    static BudgetParameters int8(ParameterReader reader) {
        int page = reader.powerOfTwo("page", 1, 64, 16);
        return read(reader, Method.INT8, page, 0, budget(reader, page), 4096);
    }

    private static int budget(ParameterReader reader, int page) {
        OptionalInt given = reader.integer("budget", 0, Integer.MAX_VALUE);
        if (given.isPresent()) {
            return given.getAsInt();
        }
        int topK = reader.topK();
        return topK == 0 ? 2048 : saturated(Math.ceilDiv(topK, page) * (long) page + reader.sinks(SINKS) + reader.recent(RECENT));
    }

    private static BudgetParameters read(ParameterReader reader, Method method, int page, int summary, int budget, long minContext) {
        return new BudgetParameters(method, reader.shownTopK(), new FixedKeys(0, reader.stride(), reader.sinks(SINKS)),
                reader.recent(RECENT), page, summary, budget, reader.part("budget-fraction", 0), reader.minContext(saturated(minContext)));
    }

    private static int saturated(long value) {
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    @Override
    public boolean canRemove(LayerSpec layer, int visible) {
        return budget < visible && budgetFraction < 1;
    }

    @Override
    public Selection selection(SummaryStore summaries, RefinerContext context) {
        return new BudgetSelection(this, summary == 0
                ? new Int8Scorer(summaries.int8Keys(), page, context.products())
                : new MomentScorer(summaries.moments(summary, PageMoments.Spread.DEVIATION), page, context.products()));
    }

    @Override
    public void describe(BiConsumer<String, Object> target) {
        PhaseParameters.describe(target, topK, fixed, minContext);
        target.accept("recent", recent);
        target.accept("page", page);
        PhaseParameters.describe(target, "summary", summary);
        target.accept("budget", budget);
        target.accept("budget-fraction", budgetFraction);
    }
}
