package dev.winnow.spi.contract;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;

/**
 * A tile over a plain array of queries: [heads][positions][keyDim].
 *
 * @param layer         the layer
 * @param kvHead        number of the KV head
 * @param headCount     query heads
 * @param firstPosition absolute position of the first query
 * @param positionCount query positions
 * @param phase         what the queries are part of
 * @param queries       [headCount][positionCount][keyDim]
 * @param keyValues     keys and values
 * @param worker        number of the worker
 */
@SuppressWarnings("ArrayRecordComponent") // a view of the array, as every tile is; never compared
public record InMemoryTile(LayerSpec layer, int kvHead, int headCount, int firstPosition, int positionCount, AttentionPhase phase,
        float[] queries, KeyValues keyValues, int worker) implements AttentionTile {

    @Override
    public int queryOffset(int head, int query) {
        return (head * positionCount + query) * layer.attention().keyDim();
    }
}
