package dev.winnow.core.attention;

import dev.winnow.core.cache.KvCache;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;

/** The attention of one layer for one chunk of positions; filled anew for each layer, without allocation. */
public final class AttentionWork {

    private final KvCache cache;
    private final float[] queries;
    private LayerSpec layer;
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
     * @param newPhase         prompt or generation
     * @param newFirstPosition absolute position of query 0
     * @param newFrom          first query whose output is wanted
     * @param newCount         end of the queries
     */
    public void set(LayerSpec newLayer, AttentionPhase newPhase, int newFirstPosition, int newFrom, int newCount) {
        this.layer = newLayer;
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
