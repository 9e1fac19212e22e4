package dev.winnow.core.cache;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys and values of one session: for each layer and KV head a list of pages, added as the context grows. Different heads may be written at once; every
 * other method belongs to one thread.
 */
public final class KvCache {

    private final KvHead[][] heads; // [layer][kvHead]
    private int length;

    /** Creates an empty cache. */
    public KvCache(List<LayerSpec> layers, KvType type) {
        Map<Long, PagePool> pools = new HashMap<>(); // by page size
        heads = new KvHead[layers.size()][];
        for (LayerSpec layer : layers) {
            LayerSpec.Attention attention = layer.attention();
            long bytes = KeyValues.pageBytes(type, attention.keyDim()) + KeyValues.pageBytes(type, attention.valueDim());
            PagePool pool = pools.computeIfAbsent(bytes, PagePool::new);
            KvHead[] ofLayer = new KvHead[attention.headCountKv()];
            for (int head = 0; head < ofLayer.length; head++) {
                ofLayer[head] = new KvHead(type, attention.keyDim(), attention.valueDim(), pool);
            }
            heads[layer.index()] = ofLayer;
        }
    }

    private KvCache(KvHead[][] heads, int length) {
        this.heads = heads;
        this.length = length;
    }

    /** Returns a cache with the same content that shares all pages with this one. */
    public KvCache fork() {
        KvHead[][] copies = new KvHead[heads.length][];
        for (int layer = 0; layer < heads.length; layer++) {
            copies[layer] = new KvHead[heads[layer].length];
            for (int head = 0; head < copies[layer].length; head++) {
                copies[layer][head] = heads[layer][head].fork();
            }
        }
        return new KvCache(copies, length);
    }

    /** Returns the number of positions. */
    public int length() {
        return length;
    }

    /** Returns the keys and values of a layer and KV head. */
    public KeyValues keyValues(int layer, int kvHead) {
        return heads[layer][kvHead];
    }

    /** Makes room for {@code count} more positions in every layer and declares them present. */
    public void grow(int count) {
        length += count;
        for (KvHead[] layer : heads) {
            for (KvHead head : layer) {
                head.grow(length);
            }
        }
    }

    /** Writes the key and value of one position. */
    public void write(int layer, int kvHead, int position, float[] key, int keyOffset, float[] value, int valueOffset) {
        heads[layer][kvHead].write(position, key, keyOffset, value, valueOffset);
    }

    /**
     * Returns whether the cache can be cut to {@code newLength}: pages within the windows of the next position must still be held.
     *
     * @param windows sliding window of each layer in keys; 0 for none
     */
    public boolean canTruncate(int newLength, int[] windows) {
        for (int layer = 0; layer < heads.length; layer++) {
            int oldestNeeded = windows[layer] == 0 ? 0 : Math.max(0, newLength - windows[layer] + 1);
            if (newLength > 0 && heads[layer][0].firstPage() * KeyValues.PAGE_KEYS > oldestNeeded) {
                return false;
            }
        }
        return true;
    }

    /** Drops all positions at and above {@code newLength}. */
    public void truncate(int newLength) {
        length = newLength;
        for (KvHead[] layer : heads) {
            for (KvHead head : layer) {
                if (newLength == 0) {
                    head.clear();
                } else {
                    head.truncate(newLength);
                }
            }
        }
    }

    /** Releases the pages of a layer that hold only positions below {@code position}. */
    public void releaseBelow(int layer, int position) {
        for (KvHead head : heads[layer]) {
            head.releaseBelow(position);
        }
    }

    /** Releases everything. */
    public void clear() {
        truncate(0);
    }
}
