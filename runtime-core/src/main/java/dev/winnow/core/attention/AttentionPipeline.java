package dev.winnow.core.attention;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.core.parallel.Activity;
import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;
import java.util.Arrays;
import java.util.List;

/**
 * Attention, once per layer and chunk. A chunk of a prompt is cut into tiles, each of which one worker takes through mask, refiners and backend. A single
 * query is cut along the keys instead: first the mask of each KV head, then parts of a fixed number of keys, merged in a fixed order, so that the result
 * does not depend on the number of threads.
 */
public final class AttentionPipeline {

    /** Blocks in one part of a single query's keys: 1024 keys, enough work to pay for handing the part out. */
    private static final int PART_BLOCKS = 16;

    private final AttentionBackend backend;
    private final String backendLabel; // for messages
    private final WorkerPool pool;
    private final List<ActiveRefiner> refiners;
    private final String[] labels; // [refiners], for messages
    private final RefinerFaults faults;
    private final AttentionRecording recording;
    private final AttentionWork work;
    private final float[] output; // [positions][headCount][valueDim]
    private final CoreTile[] tiles; // [workers]
    private final AttentionMask[] masks; // [workers] for tiles, [kvHeads] for single queries
    private final AttentionAccumulator[] tileSums; // [workers]
    private AttentionAccumulator[] partSums = new AttentionAccumulator[0]; // [kvHeads][parts]
    private final PhaseCounters[][] counters; // [phase][worker]
    private final boolean[] engaged; // [refiners], for the layer at hand
    private final ParallelTask tileTask = this::runTile;
    private final ParallelTask maskTask = this::runMask;
    private final ParallelTask partTask = this::runPart;
    private int parts;

    /**
     * Creates the pipeline of a session.
     *
     * @param backendName id of the backend and where it came from, for messages
     * @param output      [positions][headCount][valueDim]; row 0 is the first query whose output is wanted
     */
    public AttentionPipeline(AttentionBackend backend, String backendName, WorkerPool pool, List<ActiveRefiner> refiners,
            RefinerErrors refinerErrors,
            AttentionWork work,
            float[] output, List<LayerSpec> layers) {
        this.backend = backend;
        this.backendLabel = "attention backend " + backendName;
        this.pool = pool;
        this.refiners = List.copyOf(refiners);
        this.labels = this.refiners.stream().map(ActiveRefiner::label).toArray(String[]::new);
        this.faults = new RefinerFaults(this.refiners, refinerErrors);
        this.recording = new AttentionRecording(this.refiners, pool.size());
        this.work = work;
        this.output = output;
        int workers = pool.size();
        int kvHeads = layers.stream().mapToInt(layer -> layer.attention().headCountKv()).max().orElse(1);
        tiles = new CoreTile[workers];
        tileSums = new AttentionAccumulator[workers];
        masks = new AttentionMask[Math.max(workers, kvHeads)];
        counters = new PhaseCounters[AttentionPhase.values().length][workers];
        for (int i = 0; i < workers; i++) {
            tiles[i] = new CoreTile(i, work);
            tileSums[i] = new AttentionAccumulator();
            for (PhaseCounters[] ofPhase : counters) {
                ofPhase[i] = new PhaseCounters();
            }
        }
        for (int i = 0; i < masks.length; i++) {
            masks[i] = new AttentionMask();
        }
        engaged = new boolean[refiners.size()];
    }

    /** Keeps what this pipeline computes out of flight recordings: it is nobody's answer. */
    public void silence() {
        recording.silence();
    }

    /** Computes the attention that the work describes. */
    public void run() {
        LayerSpec layer = work.layer();
        recording.begin(this, work.phase());
        int keyCount = work.firstPosition() + work.count();
        for (int i = 0; i < engaged.length; i++) {
            engaged[i] = !faults.isLost(i) && begin(i, layer, keyCount);
        }
        int kvHeads = layer.attention().headCountKv();
        if (work.phase() == AttentionPhase.DECODE) {
            parts = Math.max(1, ((keyCount + AttentionMask.BLOCK_KEYS - 1) / AttentionMask.BLOCK_KEYS + PART_BLOCKS - 1) / PART_BLOCKS);
            growPartSums(kvHeads * parts);
            pool.run(kvHeads, maskTask);
            pool.run(kvHeads * parts, partTask);
            for (int head = 0; head < kvHeads; head++) {
                finishParts(head);
            }
            recording.end(this, work, kvHeads);
        } else {
            // Tiles end at multiples of 64 positions, where key blocks end too: then only the last block of a causal tile is partial.
            int first = (work.firstPosition() + work.from()) / AttentionTile.MAX_POSITIONS;
            int last = (work.firstPosition() + work.count() - 1) / AttentionTile.MAX_POSITIONS;
            pool.run(kvHeads * (last - first + 1), tileTask);
            recording.end(this, work, kvHeads * (last - first + 1));
        }
    }

    /** Asks a refiner whether it has work, and tells it what follows if it has. */
    private boolean begin(int index, LayerSpec layer, int keyCount) {
        MaskRefiner refiner = refiners.get(index).refiner();
        try {
            if (!refiner.engages(layer, work.phase(), keyCount)) {
                return false;
            }
            refiner.beginLayer(layer, work.phase(), work.firstPosition() + work.from(), work.count() - work.from());
            return true;
        } catch (RuntimeException | LinkageError e) {
            faults.failed(index, e);
            return false;
        }
    }

    private void growPartSums(int count) {
        if (partSums.length < count) {
            AttentionAccumulator[] more = Arrays.copyOf(partSums, count);
            for (int i = partSums.length; i < count; i++) {
                more[i] = new AttentionAccumulator();
            }
            partSums = more;
        }
    }

    private void runTile(int part, int worker) {
        int kvHead = part % work.layer().attention().headCountKv();
        // The last tiles see the most keys: they go first, so that no worker is left alone with them at the end.
        int group = (work.firstPosition() + work.count() - 1) / AttentionTile.MAX_POSITIONS - part / work.layer().attention().headCountKv();
        int from = Math.max(group * AttentionTile.MAX_POSITIONS - work.firstPosition(), work.from());
        int to = Math.min((group + 1) * AttentionTile.MAX_POSITIONS - work.firstPosition(), work.count());
        CoreTile tile = tiles[worker];
        tile.set(work, kvHead, from, to - from);
        AttentionMask mask = masks[worker];
        refine(tile, mask);
        AttentionAccumulator sums = tileSums[worker];
        long start = System.nanoTime();
        sums.reset(tile.headCount() * tile.positionCount(), work.layer().attention().valueDim());
        attend(tile, mask, 0, mask.blockCount(), sums, start);
        for (int head = 0; head < tile.headCount(); head++) {
            for (int query = 0; query < tile.positionCount(); query++) {
                sums.finish(head * tile.positionCount() + query, work.sink(tile.firstHead() + head), output,
                        outputOffset(tile, head, query));
            }
        }
        counters(worker).attentionNanos += System.nanoTime() - start;
    }

    private int outputOffset(CoreTile tile, int head, int query) {
        LayerSpec.Attention attention = work.layer().attention();
        return ((tile.firstQuery() + query - work.from()) * attention.headCount() + tile.firstHead() + head) * attention.valueDim();
    }

    private void runMask(int kvHead, int worker) {
        CoreTile tile = tiles[worker];
        tile.set(work, kvHead, work.from(), 1);
        refine(tile, masks[kvHead]);
    }

    private void runPart(int part, int worker) {
        int kvHead = part / parts;
        CoreTile tile = tiles[worker];
        tile.set(work, kvHead, work.from(), 1);
        AttentionMask mask = masks[kvHead];
        AttentionAccumulator sums = partSums[part];
        long start = System.nanoTime();
        sums.reset(tile.headCount(), work.layer().attention().valueDim());
        int firstBlock = part % parts * PART_BLOCKS;
        attend(tile, mask, firstBlock, Math.min(firstBlock + PART_BLOCKS, mask.blockCount()), sums, start);
        counters(worker).attentionNanos += System.nanoTime() - start;
    }

    private void finishParts(int kvHead) {
        AttentionAccumulator sums = partSums[kvHead * parts];
        for (int part = 1; part < parts; part++) {
            sums.merge(partSums[kvHead * parts + part]);
        }
        LayerSpec.Attention attention = work.layer().attention();
        for (int head = 0; head < attention.groupSize(); head++) {
            int queryHead = kvHead * attention.groupSize() + head;
            sums.finish(head, work.sink(queryHead), output, queryHead * attention.valueDim());
        }
    }

    private PhaseCounters counters(int worker) {
        return counters[work.phase().ordinal()][worker];
    }

    /** Runs the backend, and makes sure that what it returns are numbers. */
    private void attend(CoreTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator sums, long start) {
        Activity activity = pool.activity();
        activity.enter(tile.worker(), backendLabel, start);
        try {
            backend.attend(tile, mask, firstBlock, endBlock, sums);
        } catch (RuntimeException | LinkageError e) {
            throw new WinnowException(WinnowException.Kind.PLUGIN,
                    "The " + backendLabel + " failed: " + e + "; choose another one with --attention-backend.", e);
        } finally {
            activity.leave(tile.worker());
        }
        if (!FiniteCheck.isFinite(sums)) {
            FiniteCheck.blame(tile, backendLabel);
        }
    }

    /** Fills the mask of a tile. A refiner that fails may have removed some keys already, so the tile begins anew without it. */
    private void refine(CoreTile tile, AttentionMask mask) {
        long without = 0; // one bit for each refiner; more than 64 of them do not fail one by one in one tile
        for (int failed = refine(tile, mask, without); failed >= 0; failed = refine(tile, mask, without)) {
            without |= 1L << failed;
        }
    }

    /** Fills the mask of a tile: base, then refiners in their order. Returns the number of a refiner that failed, −1 for none. */
    private int refine(CoreTile tile, AttentionMask mask, long without) {
        KeyValues keyValues = tile.keyValues();
        mask.reset(MaskBase.CAUSAL, tile.headCount(), tile.firstPosition(), tile.positionCount(),
                keyValues.firstPage() * KeyValues.PAGE_KEYS,
                keyValues.keyCount());
        PhaseCounters counters = counters(tile.worker());
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
        Activity activity = pool.activity();
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
        } catch (RuntimeException | LinkageError e) {
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
                } catch (RuntimeException | LinkageError e) {
                    faults.lose(i, e);
                }
            }
        }
    }

    /** Returns whether there are refiners at all. */
    public boolean hasRefiners() {
        return !refiners.isEmpty();
    }

    /** Tells the refiners that the session was cut. */
    public void truncated(int length) {
        for (int i = 0; i < refiners.size(); i++) {
            if (!faults.isLost(i)) {
                try {
                    refiners.get(i).refiner().truncated(length);
                } catch (RuntimeException | LinkageError e) {
                    faults.lose(i, e);
                }
            }
        }
    }

    /** Returns the refiners in order. */
    public List<ActiveRefiner> refiners() {
        return refiners;
    }

    /** Returns a sum of counters of a phase: attention nanoseconds, selection nanoseconds, base keys, kept keys, dense cost. */
    public long[] totals(AttentionPhase phase) {
        long[] sums = new long[5];
        for (PhaseCounters counter : counters[phase.ordinal()]) {
            sums[0] += counter.attentionNanos;
            sums[1] += counter.selectionNanos;
            sums[2] += counter.baseKeys;
            sums[3] += counter.keptKeys;
            sums[4] += counter.denseCost;
        }
        return sums;
    }
}
