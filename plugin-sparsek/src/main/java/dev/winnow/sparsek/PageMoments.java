package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean and, if wanted, spread of each dimension over the keys of a page, stored as F16: at 16 keys a page, means and spreads take a sixteenth of the memory of
 * F16 keys and values. q·mean is the mean score of the page; with the spread it becomes an estimate of the page's largest score or of its softmax mass. 64 pages
 * stand side by side like the keys in a page of the cache, so that queries are multiplied with all of them at once.
 */
final class PageMoments extends KeySummaries {

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int CACHE_LINE = 64;
    private static final float LARGEST_HALF = 65504;

    private final Spread spread;
    private final Arena arena;
    private final MemorySegment[][][] chunks; // [layer][kvHead][chunk], like a page of 64 F16 keys of length(layer): means, then spreads

    /**
     * Creates summaries without pages.
     *
     * @param pageSize keys in a page: 4 … 64, a power of two
     * @param arena    what the pieces are allocated in, by many workers at once
     */
    PageMoments(List<LayerSpec> layers, int pageSize, Spread spread, int contextLength, Arena arena) {
        super(layers, pageSize);
        this.spread = spread;
        this.arena = arena;
        this.chunks = new MemorySegment[layers.size()][][];
        for (LayerSpec layer : layers) {
            chunks[layer.index()] = new MemorySegment[layer.attention().headCountKv()][contextLength / (pageSize * CHUNK_PAGES) + 1];
        }
    }

    /** What is stored behind the means. */
    enum Spread {
        /** Nothing. */
        NONE,
        /** The standard deviation. */
        DEVIATION,
        /** Its square. */
        VARIANCE
    }

    Spread spread() {
        return spread;
    }

    /** Returns the numbers in a summary: keyDim, or twice that with a spread. */
    int length(LayerSpec layer) {
        return spread == Spread.NONE ? layer.attention().keyDim() : 2 * layer.attention().keyDim();
    }

    /** Returns the distance between the rows of products with the first {@code count} summaries. */
    static int stride(int count) {
        return Math.ceilDiv(count, CHUNK_PAGES) * CHUNK_PAGES;
    }

    /**
     * Multiplies queries with the first {@code count} summaries of a tile's KV head, and counts the multiply-adds. Pieces of whose keys no head of the tile has a
     * candidate are left out; their products are not specified.
     *
     * @param queries [rows][length]
     * @param out     [rows][{@link #stride}]
     */
    void multiply(LinearBackend products, AttentionTile tile, AttentionMask mask, float[] queries, int rows, int count, float[] out,
            Worker worker) {
        int length = length(tile.layer());
        int stride = stride(count);
        @Nullable
        MemorySegment[] pieces = worker.segments(stride / CHUNK_PAGES);
        long multiplied = 0;
        for (int from = 0; from < count; from += CHUNK_PAGES) {
            int piece = from / CHUNK_PAGES;
            boolean wanted = anyCandidate(mask, piece);
            pieces[piece] = wanted ? chunk(tile.layer(), tile.kvHead(), piece) : null;
            multiplied += wanted ? Math.min(CHUNK_PAGES, count - from) : 0;
        }
        products.multiplyKeyPages(queries, 0, length, rows, pieces, stride / CHUNK_PAGES, length, out, 0, stride);
        worker.count(rows * multiplied * length);
    }

    /** Returns a piece: [4 groups][length][16 pages], of which the complete pages are meaningful. */
    private MemorySegment chunk(LayerSpec layer, int kvHead, int chunk) {
        return chunks[layer.index()][kvHead][chunk];
    }

    private static void setElement(MemorySegment target, int page, int dimension, int length, float value) {
        target.set(KeyValues.HALF, Short.BYTES * (long) KeyValues.keyIndex(page, dimension, length),
                Float.floatToFloat16(Math.clamp(value, -LARGEST_HALF, LARGEST_HALF)));
    }

    @Override
    void reserve(LayerSpec layer, int kvHead, int chunk) {
        @Nullable
        MemorySegment[] ofHead = chunks[layer.index()][kvHead];
        if (ofHead[chunk] == null) {
            ofHead[chunk] = arena.allocate(KeyValues.pageBytes(KvType.F16, length(layer)), CACHE_LINE);
        }
    }

    @Override
    void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey) {
        int dim = layer.attention().keyDim();
        int length = length(layer);
        int together = Math.min(pageSize(), GROUP);
        MemorySegment target = chunk(layer, kvHead, page / CHUNK_PAGES);
        int at = page % CHUNK_PAGES;
        for (int c = 0; c < dim; c++) {
            float sum = 0;
            for (int key = firstKey; key < firstKey + pageSize(); key += together) {
                int from = KeyValues.keyIndex(key, c, dim);
                for (int i = from; i < from + together; i++) {
                    sum += keys[i];
                }
            }
            float mean = sum / pageSize();
            setElement(target, at, c, length, mean);
            if (spread != Spread.NONE) {
                float variance = variance(keys, firstKey, c, dim, mean);
                setElement(target, at, dim + c, length, spread == Spread.DEVIATION ? (float) Math.sqrt(variance) : variance);
            }
        }
    }

    private float variance(float[] keys, int firstKey, int dimension, int dim, float mean) {
        int together = Math.min(pageSize(), GROUP);
        float squares = 0;
        for (int key = firstKey; key < firstKey + pageSize(); key += together) {
            int from = KeyValues.keyIndex(key, dimension, dim);
            for (int i = from; i < from + together; i++) {
                squares += (keys[i] - mean) * (keys[i] - mean);
            }
        }
        return squares / pageSize();
    }
}
