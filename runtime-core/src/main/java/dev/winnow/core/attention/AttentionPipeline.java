package dev.winnow.core.attention;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.core.parallel.Activity;
import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.plugin.PluginFailure;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Attention, once per layer and chunk. A chunk of a prompt is cut into tiles, each of which one worker takes through mask, refiners and backend. A single
 * query is cut along its kept keys instead, see {@link KeyParts}; the sums of the parts are merged in their order, so that the result does not depend on the
 * number of threads.
 */
public final class AttentionPipeline {

    private final AttentionBackend backend;
    private final String backendLabel; // for messages
    private final WorkerPool pool;
    private final AttentionRecording recording;
    private final RefinerChain refiners;
    private final AttentionWork work;
    private final CoreTile[] tiles; // [workers]
    private final AttentionMask[] masks; // [workers] for tiles, [kvHeads] for single queries
    private final AttentionAccumulator[] tileSums; // [workers]
    private final KeyParts keyParts;
    private AttentionAccumulator[] partSums = new AttentionAccumulator[0]; // [kvHeads][largest number of parts]
    private final PhaseCounters[][] counters; // [phase][worker]
    private final ParallelTask tileTask = this::runTile;
    private final ParallelTask queryTask = this::runQuery;
    private float[] output = new float[0]; // of the region at hand

    /**
     * Creates the pipeline of a session.
     *
     * @param backendName id of the backend and where it came from, for messages
     */
    public AttentionPipeline(AttentionBackend backend, String backendName, WorkerPool pool, List<ActiveRefiner> refiners,
            RefinerErrors refinerErrors,
            AttentionWork work, List<LayerSpec> layers) {
        this.backend = backend;
        this.backendLabel = "attention backend " + backendName;
        this.pool = pool;
        this.recording = new AttentionRecording(refiners, pool.size());
        this.refiners = new RefinerChain(List.copyOf(refiners), refinerErrors, recording, pool.activity(), work);
        this.work = work;
        int workers = pool.size();
        int kvHeads = layers.stream().mapToInt(layer -> layer.attention().headCountKv()).max().orElse(1);
        tiles = new CoreTile[workers];
        tileSums = new AttentionAccumulator[workers];
        masks = new AttentionMask[Math.max(workers, kvHeads)];
        keyParts = new KeyParts(pool, kvHeads);
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
    }

    /** Keeps what this pipeline computes out of flight recordings: it is nobody's answer. */
    public void silence() {
        recording.silence();
    }

    /**
     * Computes the attention that the work describes.
     *
     * @param target [positions][headCount][valueDim]; row 0 is the first query whose output is wanted
     */
    public void run(float[] target) {
        output = target;
        LayerSpec layer = work.layer();
        recording.begin(this, work.phase());
        refiners.begin();
        int kvHeads = layer.attention().headCountKv();
        if (work.phase() == AttentionPhase.DECODE) {
            int keyCount = work.firstPosition() + work.count();
            keyParts.begin(kvHeads, (keyCount + AttentionMask.BLOCK_KEYS - 1) / AttentionMask.BLOCK_KEYS);
            growPartSums(kvHeads * keyParts.limit());
            pool.run(kvHeads + kvHeads * keyParts.limit(), queryTask); // the masks go first: what waits for them begins later
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
        refiners.refine(tile, mask, counters(worker));
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

    private void runQuery(int part, int worker) {
        int kvHeads = work.layer().attention().headCountKv();
        if (part < kvHeads) {
            CoreTile tile = tiles[worker];
            tile.set(work, part, work.from(), 1);
            refiners.refine(tile, masks[part], counters(worker));
            keyParts.cut(part, masks[part]);
            return;
        }
        int kvHead = (part - kvHeads) / keyParts.limit();
        int ofHead = (part - kvHeads) % keyParts.limit();
        if (ofHead < keyParts.await(kvHead)) {
            runKeyPart(kvHead, ofHead, worker);
        }
    }

    private void runKeyPart(int kvHead, int part, int worker) {
        CoreTile tile = tiles[worker];
        tile.set(work, kvHead, work.from(), 1);
        AttentionAccumulator sums = partSums[kvHead * keyParts.limit() + part];
        long start = System.nanoTime();
        sums.reset(tile.headCount(), work.layer().attention().valueDim());
        attend(tile, masks[kvHead], keyParts.bound(kvHead, part), keyParts.bound(kvHead, part + 1), sums, start);
        counters(worker).attentionNanos += System.nanoTime() - start;
    }

    private void finishParts(int kvHead) {
        int parts = keyParts.count(kvHead);
        if (parts == 0) {
            return; // cancelled: nobody will read the output
        }
        AttentionAccumulator sums = partSums[kvHead * keyParts.limit()];
        for (int part = 1; part < parts; part++) {
            sums.merge(partSums[kvHead * keyParts.limit() + part]);
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
        } catch (RuntimeException | Error e) {
            throw new WinnowException(WinnowException.Kind.PLUGIN,
                    "The " + backendLabel + " " + PluginFailure.clause(e) + "; choose another one with --attention-backend.", e);
        } finally {
            activity.leave(tile.worker());
        }
        if (!FiniteCheck.isFinite(sums)) {
            FiniteCheck.blame(tile, backendLabel);
        }
    }

    /** Returns the refiners. */
    public RefinerChain refiners() {
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
