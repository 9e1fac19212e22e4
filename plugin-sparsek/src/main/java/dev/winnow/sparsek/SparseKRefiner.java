package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the selection of each phase, and keeps the summaries of keys that the selections need. */
final class SparseKRefiner implements MaskRefiner {

    private final PhaseParameters prefill;
    private final PhaseParameters decode;
    private final List<KeySummaries> summaries = new ArrayList<>();
    private final @Nullable Selection prefillSelection; // null keeps everything
    private final @Nullable Selection decodeSelection;
    private final long[] counters;
    private final Worker[] workers;

    SparseKRefiner(PhaseParameters prefill, PhaseParameters decode, RefinerContext context) {
        this.prefill = prefill;
        this.decode = decode;
        this.prefillSelection = selection(prefill, context);
        this.decodeSelection = selection(decode, context);
        this.counters = new long[context.workers() * Worker.COUNTER_STRIDE];
        this.workers = new Worker[context.workers()];
        for (int worker = 0; worker < workers.length; worker++) {
            workers[worker] = new Worker(counters, worker);
        }
    }

    private @Nullable Selection selection(PhaseParameters parameters, RefinerContext context) {
        return switch (parameters.method()) {
            case EXACT -> parameters.topK() == 0
                    ? new FixedSelection(parameters.fixedKeys())
                    : new ExactSelection(parameters.topK(), parameters.fixedKeys(), context.products());
            case STATIC -> new FixedSelection(parameters.fixedKeys());
            case XATTENTION -> new MassSelection(parameters, new XAttentionEstimator(parameters.group(), context));
            case BLOCKS -> new MassSelection(parameters, pooled(parameters, PageMoments.Spread.NONE, context));
            case PAGES -> parameters.isBudgeted()
                    ? new BudgetSelection(parameters, new MomentScorer(moments(parameters, PageMoments.Spread.DEVIATION, context),
                            parameters.page(), context.products()))
                    : new MassSelection(parameters, pooled(parameters, PageMoments.Spread.VARIANCE, context));
            case INT8 -> new BudgetSelection(parameters, new Int8Scorer(int8Keys(context), parameters.page(), context.products()));
            case DENSE -> null;
        };
    }

    /** Both phases share their summaries if these are the same. */
    private PageMoments moments(PhaseParameters parameters, PageMoments.Spread spread, RefinerContext context) {
        for (KeySummaries kept : summaries) {
            if (kept instanceof PageMoments moments && moments.pageSize() == parameters.summary() && moments.spread() == spread) {
                return moments;
            }
        }
        PageMoments moments = new PageMoments(context.layers(), parameters.summary(), spread, context.contextLength());
        summaries.add(moments);
        return moments;
    }

    private PooledEstimator pooled(PhaseParameters parameters, PageMoments.Spread spread, RefinerContext context) {
        return new PooledEstimator(moments(parameters, spread, context), parameters.page(), parameters.sampledRows(), context);
    }

    private Int8Keys int8Keys(RefinerContext context) {
        Int8Keys keys = new Int8Keys(context.layers(), context.contextLength());
        summaries.add(keys);
        return keys;
    }

    @Override
    public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        return engages(phase == AttentionPhase.PREFILL ? prefill : decode, layer, keyCount);
    }

    private static boolean engages(PhaseParameters parameters, LayerSpec layer, int keyCount) {
        int window = layer.attention().window();
        int visible = window > 0 ? Math.min(window, keyCount) : keyCount;
        return visible >= parameters.minContext() && parameters.canRemove(layer, visible);
    }

    @Override
    public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
        if (engages(prefill, layer, to) || engages(decode, layer, to)) { // summaries of the keys before are made up for then
            for (int i = 0; i < summaries.size(); i++) { // without an iterator, which would be allocated
                summaries.get(i).appended(layer, kvHead, keyValues, to);
            }
        }
    }

    @Override
    public void truncated(int length) {
        for (KeySummaries kept : summaries) {
            kept.truncated(length);
        }
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        boolean prompt = tile.phase() == AttentionPhase.PREFILL;
        Selection selection = prompt ? prefillSelection : decodeSelection;
        int end = mask.firstPosition() + mask.queryCount();
        int visible = mask.base() == MaskBase.CAUSAL ? end : Math.max(end, mask.keyCount());
        if (selection != null && engages(prompt ? prefill : decode, tile.layer(), visible)) {
            selection.select(tile, mask, workers[tile.worker()]);
        }
    }

    @Override
    public long selectionCost() {
        long sum = 0;
        for (int worker = 0; worker < workers.length; worker++) {
            sum += counters[worker * Worker.COUNTER_STRIDE];
        }
        return sum;
    }
}
