package dev.winnow.spi;

/**
 * Decides which of the keys that a mask still keeps may go. A refiner belongs to one session. The runtime calls it in this order, for each chunk of
 * positions and each layer: {@link #keysAppended} once for each KV head (different heads on different workers at once), then {@link #beginLayer} (one
 * thread), then {@link #refine} for each tile (many workers at once; only reads shared state). A call of one kind happens before the next kind starts.
 *
 * <p>A refiner that throws from {@link #keysAppended} or {@link #truncated} is not asked again: the session fails from then on, or goes on without it.
 *
 * <p>When a session is forked, the new session's refiner is told of all keys held so far by {@link #keysAppended} before anything else. Nothing here may
 * allocate per token after warm-up.
 */
public interface MaskRefiner extends AutoCloseable {

    /** Returns whether the refiner has work for a layer at a number of keys; if not, the other methods are not called for tiles of this layer's chunk. */
    default boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
        return true;
    }

    /**
     * The keys {@code from … to−1} of a layer and KV head were appended.
     *
     * @param keyValues holds all keys up to {@code to}
     */
    default void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {}

    /** The session now has {@code length} positions: all keys at and above it are gone, in every layer and head. */
    default void truncated(int length) {}

    /** The tiles of a layer's chunk follow: the queries {@code firstPosition … firstPosition + positionCount − 1}. */
    default void beginLayer(LayerSpec layer, AttentionPhase phase, int firstPosition, int positionCount) {}

    /** Removes keys from the mask of a tile. Must leave everything else alone. */
    void refine(AttentionTile tile, AttentionMask mask);

    /** Returns the number of multiply-adds spent on selecting keys so far, summed over all workers; 0 for a refiner that decides from positions. */
    default long selectionCost() {
        return 0;
    }

    /** Frees what the refiner holds. */
    @Override
    default void close() {}
}
