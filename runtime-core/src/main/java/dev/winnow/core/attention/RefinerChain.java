package dev.winnow.core.attention;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.core.parallel.Activity;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;
import java.util.List;

/**
 * The refiners of a session in their order: tells them what happens, and has them fill the masks of tiles, in many workers at once. What becomes of one that
 * fails is in {@link RefinerFaults}.
 */
public final class RefinerChain {

    private final List<ActiveRefiner> refiners;
    private final String[] labels; // [refiners], for messages
    private final RefinerFaults faults;
    private final AttentionRecording recording;
    private final Activity activity;
    private final AttentionWork work;
    private final boolean[] engaged; // [refiners], for the layer at hand

    RefinerChain(List<ActiveRefiner> refiners, RefinerErrors errors, AttentionRecording recording, Activity activity, AttentionWork work) {
        this.refiners = refiners;
        this.labels = refiners.stream().map(ActiveRefiner::label).toArray(String[]::new);
        this.faults = new RefinerFaults(refiners, errors);
        this.recording = recording;
        this.activity = activity;
        this.work = work;
        this.engaged = new boolean[refiners.size()];
    }

    /** Returns whether there are no refiners. */
    public boolean isEmpty() {
        return refiners.isEmpty();
    }

    /** Returns the refiners in order. */
    public List<ActiveRefiner> all() {
        return refiners;
    }

    /**
     * Makes sure that the refiners know what they need for more keys.
     *
     * @throws dev.winnow.api.WinnowException if one does not, and must not be left out
     */
    public void requireNoneLost() {
        faults.requireNoneLost();
    }

    /** Asks the refiners whether they have work in the layer at hand, and tells those that do what follows. */
    void begin() {
        int keyCount = work.firstPosition() + work.count();
        for (int i = 0; i < engaged.length; i++) {
            engaged[i] = !faults.isLost(i) && begin(i, work.layer(), keyCount);
        }
    }

    private boolean begin(int index, LayerSpec layer, int keyCount) {
        MaskRefiner refiner = refiners.get(index).refiner();
        try {
            if (!refiner.engages(layer, work.phase(), keyCount)) {
                return false;
            }
            refiner.beginLayer(layer, work.phase(), work.firstPosition() + work.from(), work.count() - work.from());
            return true;
        } catch (RuntimeException | Error e) {
            faults.failed(index, e);
            return false;
        }
    }

    /** Fills the mask of a tile. A refiner that fails may have removed some keys already, so the tile begins anew without it. */
    void refine(CoreTile tile, AttentionMask mask, PhaseCounters counters) {
        long without = 0; // one bit for each refiner; more than 64 of them do not fail one by one in one tile
        for (int failed = refine(tile, mask, counters, without); failed >= 0; failed = refine(tile, mask, counters, without)) {
            without |= 1L << failed;
        }
    }

    /** Fills the mask of a tile: base, then refiners in their order. Returns the number of a refiner that failed, −1 for none. */
    private int refine(CoreTile tile, AttentionMask mask, PhaseCounters counters, long without) {
        KeyValues keyValues = tile.keyValues();
        mask.reset(MaskBase.CAUSAL, tile.headCount(), tile.firstPosition(), tile.positionCount(),
                keyValues.firstPage() * KeyValues.PAGE_KEYS,
                keyValues.keyCount());
        long base = mask.baseKeys();
        boolean chosen = false;
        boolean content = false;
        for (int i = 0; i < engaged.length; i++) {
            if (engaged[i] && (without & (1L << i)) == 0) {
                if (!content && refiners.get(i).phase() == RefinerPhase.CONTENT) {
                    content = true;
                    mask.beginContent(); // all content refiners choose from the same keys, so that their order does not matter
                }
                boolean required = refiners.get(i).report().required();
                long start = System.nanoTime();
                if (!apply(i, tile, mask, start)) {
                    return i;
                }
                if (required) {
                    base = mask.keptKeys();
                } else {
                    chosen = true;
                    counters.selectionNanos += System.nanoTime() - start;
                }
            }
        }
        mask.seal();
        LayerSpec.Attention attention = tile.layer().attention();
        counters.baseKeys += base;
        counters.keptKeys += chosen ? mask.keptKeys() : base;
        counters.denseCost += base * (attention.keyDim() + attention.valueDim());
        return -1;
    }

    /** Runs one refiner; returns whether it worked. */
    private boolean apply(int index, CoreTile tile, AttentionMask mask, long start) {
        int resets = mask.resets();
        long before = recording.isCounting() ? mask.keptKeys() : 0;
        activity.enter(tile.worker(), labels[index], start);
        try {
            refiners.get(index).refiner().refine(tile, mask);
            if (mask.resets() == resets) {
                if (recording.isCounting()) {
                    recording.count(tile.worker(), index, before, mask.keptKeys());
                }
                return true;
            }
            faults.failed(index, "tried to widen a mask by resetting it, but a refiner may only remove keys", null);
        } catch (RuntimeException | Error e) {
            faults.failed(index, e);
        } finally {
            activity.leave(tile.worker());
        }
        return false;
    }

    /** Tells the refiners of appended keys; called by one worker for one KV head. */
    public void keysAppended(LayerSpec layer, int kvHead, int from, int to) {
        for (int i = 0; i < refiners.size(); i++) {
            if (!faults.isLost(i)) {
                try {
                    refiners.get(i).refiner().keysAppended(layer, kvHead, work.cache().keyValues(layer.index(), kvHead), from, to);
                } catch (RuntimeException | Error e) {
                    faults.lose(i, e);
                }
            }
        }
    }

    /** Returns the multiply-adds that the refiners have spent on choosing. */
    public long selectionCost() {
        long cost = 0;
        for (int i = 0; i < refiners.size(); i++) {
            try {
                cost += refiners.get(i).refiner().selectionCost();
            } catch (RuntimeException | Error e) {
                faults.failed(i, e);
            }
        }
        return cost;
    }

    /** Tells the refiners that the session was cut. */
    public void truncated(int length) {
        for (int i = 0; i < refiners.size(); i++) {
            if (!faults.isLost(i)) {
                try {
                    refiners.get(i).refiner().truncated(length);
                } catch (RuntimeException | Error e) {
                    faults.lose(i, e);
                }
            }
        }
    }
}
