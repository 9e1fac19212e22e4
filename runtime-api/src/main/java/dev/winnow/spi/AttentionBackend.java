package dev.winnow.spi;

import java.util.List;

/**
 * Computes softmax(QKᵀ)V over the keys that an {@link AttentionMask} keeps. The law: the cost is proportional to the number of keys that are kept for at
 * least one row of a head in the tile; an EMPTY block costs nothing.
 *
 * <p>One instance serves a whole runtime. {@link #attend} is called by many workers at once, with {@link AttentionTile#worker()} different among them, and
 * allocates nothing after warm-up.
 */
public interface AttentionBackend {

    /** Returns the reasons why a layer cannot be computed; empty if it can. */
    List<String> unsupported(LayerSpec layer, KvType type);

    /**
     * Writes the result over the kept keys of the blocks {@code firstBlock … endBlock−1} to an accumulator. The caller has given it its shape by
     * {@link AttentionAccumulator#reset}; what it holds otherwise is overwritten, for rows that keep no key, too.
     *
     * @param tile   the queries and the keys
     * @param mask   which keys each row keeps; sealed
     * @param target receives the result; the row of (head, query) is {@code head · positionCount + query}
     */
    void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target);
}
