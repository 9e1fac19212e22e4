package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean and spread of each dimension over the keys of a page, stored as F16: at 16 keys a page, a sixteenth of the memory of F16 keys and values. q·mean is the
 * mean score of the page; with the spread it becomes an estimate of the page's largest score or of its softmax mass. 64 pages stand side by side like the keys
 * in a page of the cache, so that queries are multiplied with all of them at once.
 */
final class PageMoments extends KeySummaries {

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int CACHE_LINE = 64;
    private static final float LARGEST_HALF = 65504;

    private final Spread spread;
    private final MemorySegment[][][] chunks; // [layer][kvHead][chunk], a page of 64 F16 keys: means, then spreads, in 2 · keyDim dimensions

    PageMoments(List<LayerSpec> layers, int pageSize, Spread spread, int contextLength) {
        super(layers, pageSize);
        this.spread = spread;
        this.chunks = new MemorySegment[layers.size()][][];
        for (LayerSpec layer : layers) {
            chunks[layer.index()] = new MemorySegment[layer.attention().headCountKv()][contextLength / (pageSize * CHUNK_PAGES) + 1];
        }
    }

    /** What is stored behind the means. */
    enum Spread {
        /** The standard deviation. */
        DEVIATION,
        /** Its square. */
        VARIANCE
    }

    Spread spread() {
        return spread;
    }

    /** Returns a piece: [4 groups][2 · keyDim][16 pages], of which the complete pages are meaningful. */
    MemorySegment chunk(LayerSpec layer, int kvHead, int chunk) {
        return chunks[layer.index()][kvHead][chunk];
    }

    private static void setElement(MemorySegment target, int page, int dimension, int dim, float value) {
        target.set(KeyValues.HALF, Short.BYTES * (long) KeyValues.keyIndex(page, dimension, dim), Float.floatToFloat16(value));
    }

    @Override
    void reserve(LayerSpec layer, int kvHead, int chunk) {
        @Nullable
        MemorySegment[] ofHead = chunks[layer.index()][kvHead];
        if (ofHead[chunk] == null) {
            ofHead[chunk] = Arena.ofAuto().allocate(KeyValues.pageBytes(KvType.F16, 2 * layer.attention().keyDim()), CACHE_LINE);
        }
    }

    @Override
    void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey) {
        int dim = layer.attention().keyDim();
        MemorySegment target = chunk(layer, kvHead, page / CHUNK_PAGES);
        int at = page % CHUNK_PAGES;
        int firstGroup = firstKey / GROUP;
        int groups = pageSize() / GROUP;
        for (int c = 0; c < dim; c++) {
            float sum = 0;
            for (int group = firstGroup; group < firstGroup + groups; group++) {
                for (int key = (group * dim + c) * GROUP, end = key + GROUP; key < end; key++) {
                    sum += keys[key];
                }
            }
            float mean = sum / pageSize();
            float squares = 0;
            for (int group = firstGroup; group < firstGroup + groups; group++) {
                for (int key = (group * dim + c) * GROUP, end = key + GROUP; key < end; key++) {
                    squares += (keys[key] - mean) * (keys[key] - mean);
                }
            }
            setElement(target, at, c, 2 * dim, mean);
            float variance = squares / pageSize();
            setElement(target, at, dim + c, 2 * dim,
                    spread == Spread.DEVIATION ? (float) Math.sqrt(variance) : Math.min(variance, LARGEST_HALF));
        }
    }
}
