package dev.winnow.spi;

/**
 * One unit of attention work: the query heads that share one KV head, at up to {@value #MAX_POSITIONS} neighbouring query positions. A tile is a view that
 * the runtime reuses; it is valid during the call that it is passed to, on the calling thread.
 *
 * <p>Query heads are counted from 0 inside the tile ({@code head}), query positions too ({@code query}); a <em>row</em> is a pair of both.
 */
public interface AttentionTile {

    /** The largest number of query positions in a tile. */
    int MAX_POSITIONS = 64;

    /** Returns the layer. */
    LayerSpec layer();

    /** Returns the number of the KV head. */
    int kvHead();

    /** Returns the number of query heads in the tile. */
    int headCount();

    /** Returns the number, in the layer, of the tile's first query head. */
    default int firstHead() {
        return kvHead() * layer().attention().groupSize();
    }

    /** Returns the absolute position of the tile's first query. */
    int firstPosition();

    /** Returns the number of query positions. */
    int positionCount();

    /** Returns whether the tile is part of a prompt or of the generation of a token. */
    AttentionPhase phase();

    /** Returns the array that holds the queries, after RoPE and not yet scaled. */
    float[] queries();

    /** Returns the index in {@link #queries()} of the first of {@code keyDim} contiguous elements of a query. */
    int queryOffset(int head, int query);

    /** Returns the keys and values that the queries look at. */
    KeyValues keyValues();

    /** Returns the number of the worker that runs the tile, from 0; for scratch memory that is allocated once per worker. */
    int worker();
}
