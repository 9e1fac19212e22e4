package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import org.jspecify.annotations.Nullable;

/** Runs the selection of each phase, and keeps the summaries of keys that the selections need. */
final class SparseKRefiner implements MaskRefiner {

    private final PhaseParameters prefill;
    private final PhaseParameters decode;
    private final SummaryStore summaries;
    private final @Nullable Selection prefillSelection; // null keeps everything
    private final @Nullable Selection decodeSelection;
    private final long[] counters;
    private final Worker[] workers;

    SparseKRefiner(PhaseParameters prefill, PhaseParameters decode, RefinerContext context) {
        this.prefill = prefill;
        this.decode = decode;
        this.summaries = new SummaryStore(context);
        this.prefillSelection = prefill.selection(summaries, context);
        this.decodeSelection = decode.selection(summaries, context);
        this.counters = new long[context.workers() * Worker.COUNTER_STRIDE];
        this.workers = new Worker[context.workers()];
        for (int worker = 0; worker < workers.length; worker++) {
            workers[worker] = new Worker(counters, worker);
        }
    }

    @Override
    public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        return (phase == AttentionPhase.PREFILL ? prefill : decode).engages(layer, keyCount);
    }

    @Override
    public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
        if (prefill.engages(layer, to) || decode.engages(layer, to)) { // summaries of the keys before are made up for then
            summaries.appended(layer, kvHead, keyValues, to);
        }
    }

    @Override
    public void truncated(int length) {
        summaries.truncated(length);
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        boolean prompt = tile.phase() == AttentionPhase.PREFILL;
        Selection selection = prompt ? prefillSelection : decodeSelection;
        int end = mask.firstPosition() + mask.queryCount();
        int visible = mask.base() == MaskBase.CAUSAL ? end : Math.max(end, mask.keyCount());
        if (selection != null && (prompt ? prefill : decode).engages(tile.layer(), visible)) {
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

    @Override
    public void close() {
        summaries.close();
    }
}
