package dev.winnow.core.attention;

import dev.winnow.core.cache.KvCache;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;
import org.jspecify.annotations.Nullable;

/** The attention of one layer for one chunk of positions; filled anew for each layer, without allocation. */
public final class AttentionWork {

    private final KvCache cache;
    private final float[] queries;
    private LayerSpec layer;
    private float @Nullable [] sinks;
    private AttentionPhase phase = AttentionPhase.PREFILL;
    private int firstPosition;
    private int from;
    private int count;

    /**
     * Creates work over a cache.
     *
     * @param queries [positions][headCount][keyDim], after RoPE
     */
    public AttentionWork(KvCache cache, float[] queries, LayerSpec firstLayer) {
        this.cache = cache;
        this.queries = queries;
        this.layer = firstLayer;
    }

    /**
     * Sets the layer and the chunk.
     *
     * @param newLayer         the layer
     * @param newSinks         for each head a logit that joins the softmax denominator: [headCount]; null for none
     * @param newPhase         prompt or generation
     * @param newFirstPosition absolute position of query 0
     * @param newFrom          first query whose output is wanted
     * @param newCount         end of the queries
     */
    public void set(LayerSpec newLayer, float @Nullable [] newSinks, AttentionPhase newPhase, int newFirstPosition, int newFrom,
            int newCount) {
        this.layer = newLayer;
        this.sinks = newSinks;
        this.phase = newPhase;
        this.firstPosition = newFirstPosition;
        this.from = newFrom;
        this.count = newCount;
    }

    KvCache cache() {
        return cache;
    }

    float[] queries() {
        return queries;
    }

    LayerSpec layer() {
        return layer;
    }

    /** Returns the sink logit of a head; −∞ for none. */
    float sink(int head) {
        return sinks == null ? Float.NEGATIVE_INFINITY : sinks[head];
    }

    AttentionPhase phase() {
        return phase;
    }

    int firstPosition() {
        return firstPosition;
    }

    int from() {
        return from;
    }

    int count() {
        return count;
    }
}
