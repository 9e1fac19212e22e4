package dev.winnow.spi.contract;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;

/**
 * An {@link AttentionTile} for tests. The queries stand in the order of the forward pass, [query][head][keyDim], behind a gap of {@code gap} elements.
 *
 * @param layer         the layer
 * @param kvHead        number of the KV head
 * @param firstPosition absolute position of the first query
 * @param positionCount query positions
 * @param queries       the queries
 * @param gap           index of the first element of the first query
 * @param keyValues     the keys and values
 * @param worker        number of the worker
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record SimpleAttentionTile(LayerSpec layer, int kvHead, int firstPosition, int positionCount, float[] queries, int gap,
        KeyValues keyValues, int worker) implements AttentionTile {

    @Override
    public int headCount() {
        return layer.attention().groupSize();
    }

    @Override
    public AttentionPhase phase() {
        return positionCount == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL;
    }

    @Override
    public int queryOffset(int head, int query) {
        return gap + (query * headCount() + head) * keyValues.keyDim();
    }
}
