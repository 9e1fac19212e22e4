package dev.winnow.core.attention;

import dev.winnow.core.events.AttentionEvent;
import dev.winnow.core.events.RefinerEvent;
import dev.winnow.spi.AttentionPhase;
import java.util.Arrays;
import java.util.List;

/** Tells a flight recording of each layer's attention. Counts nothing and allocates nothing while no recording wants it. */
final class AttentionRecording {

    private static final AttentionEvent LAYER_PROBE = new AttentionEvent();
    private static final RefinerEvent REFINER_PROBE = new RefinerEvent();

    private final List<ActiveRefiner> refiners;
    private final long[][] before; // [worker][refiner], keys
    private final long[][] after; // [worker][refiner], keys
    private long[] totals = new long[0]; // of the phase, at the beginning of the layer
    private AttentionEvent event = LAYER_PROBE;
    private boolean silent;
    private boolean layers;
    private boolean counting;

    AttentionRecording(List<ActiveRefiner> refiners, int workers) {
        this.refiners = refiners;
        before = new long[workers][refiners.size()];
        after = new long[workers][refiners.size()];
    }

    /** Keeps everything that follows out of recordings. */
    void silence() {
        silent = true;
    }

    /** A layer begins. */
    void begin(AttentionPipeline pipeline, AttentionPhase phase) {
        layers = !silent && LAYER_PROBE.isEnabled();
        counting = !silent && !refiners.isEmpty() && REFINER_PROBE.isEnabled();
        if (layers) {
            totals = pipeline.totals(phase);
            event = new AttentionEvent();
            event.begin();
        }
        if (counting) {
            for (int worker = 0; worker < before.length; worker++) {
                Arrays.fill(before[worker], 0);
                Arrays.fill(after[worker], 0);
            }
        }
    }

    /** Returns whether {@link #count} is to be called. */
    boolean isCounting() {
        return counting;
    }

    /** A refiner has refined a tile. */
    void count(int worker, int refiner, long keysBefore, long keysAfter) {
        before[worker][refiner] += keysBefore;
        after[worker][refiner] += keysAfter;
    }

    /** A layer is done. */
    void end(AttentionPipeline pipeline, AttentionWork work, int tiles) {
        if (layers) {
            long[] now = pipeline.totals(work.phase());
            event.layer = work.layer().index();
            event.phase = work.phase().name();
            event.tiles = tiles;
            event.firstPosition = work.firstPosition() + work.from();
            event.queries = work.count() - work.from();
            event.attentionNanos = now[0] - totals[0];
            event.selectionNanos = now[1] - totals[1];
            event.baseKeys = now[2] - totals[2];
            event.keptKeys = now[3] - totals[3];
            event.commit();
        }
        if (counting) {
            for (int refiner = 0; refiner < refiners.size(); refiner++) {
                commit(refiner, work);
            }
        }
    }

    private void commit(int refiner, AttentionWork work) {
        RefinerEvent refined = new RefinerEvent();
        for (int worker = 0; worker < before.length; worker++) {
            refined.keysBefore += before[worker][refiner];
            refined.keysAfter += after[worker][refiner];
        }
        if (refined.keysBefore > 0) {
            refined.refiner = refiners.get(refiner).report().id();
            refined.layer = work.layer().index();
            refined.phase = work.phase().name();
            refined.keptRatio = (double) refined.keysAfter / refined.keysBefore;
            refined.commit();
        }
    }
}
