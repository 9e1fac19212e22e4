package dev.winnow.spi.contract;

import dev.winnow.spi.Activation;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import java.util.Random;

/**
 * The shape of one attention tile, from which tests make tiles and masks with random numbers.
 *
 * @param type          storage format of keys and values
 * @param keyDim        dimension of queries and keys
 * @param valueDim      dimension of values
 * @param heads         query heads of the tile
 * @param firstPosition absolute position of the first query
 * @param queries       query positions
 * @param keys          key positions
 * @param softcap       soft-cap of the scores; 0 for none
 */
public record AttentionCase(KvType type, int keyDim, int valueDim, int heads, int firstPosition, int queries, int keys, float softcap) {

    /** Number of the KV head of all tiles: not 0, so that a backend that forgets it is found out. */
    private static final int KV_HEAD = 1;

    /** Returns a case whose queries are the last of {@code keys} positions, without soft-capping and with equal dimensions. */
    public static AttentionCase of(KvType type, int dim, int heads, int queries, int keys) {
        return new AttentionCase(type, dim, dim, heads, keys - queries, queries, keys, 0);
    }

    /** Returns the case with another soft-cap. */
    public AttentionCase withSoftcap(float softcap) {
        return new AttentionCase(type, keyDim, valueDim, heads, firstPosition, queries, keys, softcap);
    }

    /** Returns the layer. */
    public LayerSpec layer() {
        LayerSpec.Attention attention = new LayerSpec.Attention(heads * (KV_HEAD + 1), KV_HEAD + 1, keyDim, valueDim,
                (float) (1 / Math.sqrt(keyDim)), softcap, 0, false, false);
        return new LayerSpec(0, attention, null, new LayerSpec.FeedForward(Activation.SILU, 1, 0, 0), 1e-5f, false);
    }

    /** Returns a tile of uniformly random queries in −{@code range}…{@code range}, and keys and values in −1…1. */
    public SimpleAttentionTile tile(long seed, float range) {
        Random random = new Random(seed);
        int gap = 3;
        float[] queries = uniform(random, gap + this.queries * heads * keyDim, range);
        return new SimpleAttentionTile(layer(), KV_HEAD, firstPosition, this.queries, queries, gap, keyValues(random, false), 0);
    }

    /** Returns random keys and values. */
    InMemoryKeyValues keyValues(Random random, boolean onHeap) {
        InMemoryKeyValues keyValues = new InMemoryKeyValues(type, keyDim, valueDim, onHeap);
        for (int key = 0; key < keys; key++) {
            keyValues.append(uniform(random, keyDim, 1), 0, uniform(random, valueDim, 1), 0);
        }
        return keyValues;
    }

    /** Returns the mask of a base, not yet sealed. */
    public AttentionMask mask(MaskBase base, AttentionTile tile) {
        AttentionMask mask = new AttentionMask();
        mask.reset(base, heads, firstPosition, queries, tile.keyValues().firstPage() * AttentionMask.BLOCK_KEYS, keys);
        return mask;
    }

    private static float[] uniform(Random random, int n, float range) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = (2 * random.nextFloat() - 1) * range;
        }
        return numbers;
    }
}
