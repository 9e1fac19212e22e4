package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean and standard deviation of each dimension over the keys of a page, stored as F16: at 16 keys a page, a sixteenth of the memory of F16 keys and values. 64
 * pages stand side by side like the keys in a page of the cache, which is what products with few queries are fastest with. q·mean is the mean score of the page; with the deviation it becomes an estimate of the page's largest score or of its softmax mass.
 */
final class PageMoments extends KeySummaries {

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int CACHE_LINE = 64;

    private final MemorySegment[][][] chunks; // [layer][kvHead][chunk], a page of 64 F16 keys: means, then deviations, in 2 · keyDim dimensions

    PageMoments(List<LayerSpec> layers, int pageSize, int contextLength) {
        super(layers, pageSize);
        this.chunks = new MemorySegment[layers.size()][][];
        for (LayerSpec layer : layers) {
            chunks[layer.index()] = new MemorySegment[layer.attention().headCountKv()][contextLength / (pageSize * CHUNK_PAGES) + 1];
        }
    }

    /** Returns a piece: [4 groups][2 · keyDim][16 pages], of which the complete pages are meaningful. */
    MemorySegment chunk(LayerSpec layer, int kvHead, int chunk) {
        return chunks[layer.index()][kvHead][chunk];
    }

    /**
     * Converts the summaries of a piece to F32 rows: the means, followed by the variances.
     *
     * @param count  pages to read
     * @param target [count][2 · keyDim]
     */
    void readVariances(LayerSpec layer, int kvHead, int chunk, int count, float[] target) {
        MemorySegment source = chunk(layer, kvHead, chunk);
        int dim = layer.attention().keyDim();
        for (int page = 0; page < count; page++) {
            int at = page * 2 * dim;
            for (int c = 0; c < dim; c++) {
                float deviation = element(source, page, dim + c, 2 * dim);
                target[at + c] = element(source, page, c, 2 * dim);
                target[at + dim + c] = deviation * deviation;
            }
        }
    }

    private static float element(MemorySegment source, int page, int dimension, int dim) {
        return Float.float16ToFloat(source.get(LinearBackend.HALF, Short.BYTES * (long) KeyValues.keyIndex(page, dimension, dim)));
    }

    private static void setElement(MemorySegment target, int page, int dimension, int dim, float value) {
        target.set(LinearBackend.HALF, Short.BYTES * (long) KeyValues.keyIndex(page, dimension, dim), Float.floatToFloat16(value));
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
            setElement(target, at, dim + c, 2 * dim, (float) Math.sqrt(squares / pageSize()));
        }
    }
}
