package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * Mean key of each page, in F32, 64 pages side by side as {@link ColumnProduct} reads them. With 4 keys a page this is a quarter of the memory of an F16 cache of equally long keys and
 * values, and what {@code q·mean} misses of the page's largest score is small: few keys share a mean.
 */
final class PageMeans extends KeySummaries {

    private static final int GROUP = KeyValues.GROUP_KEYS;

    private final float[][][][][] chunks; // [layer][kvHead][chunk][keyDim][64 pages]

    /**
     * Creates summaries without pages.
     *
     * @param pageSize keys in a page: 4 … 64, a power of two
     */
    PageMeans(List<LayerSpec> layers, int pageSize, int contextLength) {
        super(layers, pageSize);
        this.chunks = new float[layers.size()][][][][];
        for (LayerSpec layer : layers) {
            chunks[layer.index()] = new float[layer.attention().headCountKv()][contextLength / (pageSize * CHUNK_PAGES) + 1][][];
        }
    }

    /** Returns the means of a piece: [keyDim][64], of which the complete pages are meaningful. */
    float[][] means(LayerSpec layer, int kvHead, int chunk) {
        return chunks[layer.index()][kvHead][chunk];
    }

    @Override
    void reserve(LayerSpec layer, int kvHead, int chunk) {
        float[][][] ofHead = chunks[layer.index()][kvHead];
        if (ofHead[chunk] == null) {
            ofHead[chunk] = new float[layer.attention().keyDim()][ColumnProduct.WIDTH];
        }
    }

    @Override
    void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey) {
        int dim = layer.attention().keyDim();
        float[][] target = chunks[layer.index()][kvHead][page / CHUNK_PAGES];
        int together = Math.min(pageSize(), GROUP);
        for (int c = 0; c < dim; c++) {
            float sum = 0;
            for (int key = firstKey; key < firstKey + pageSize(); key += together) {
                int from = KeyValues.keyIndex(key, c, dim);
                for (int at = from; at < from + together; at++) {
                    sum += keys[at];
                }
            }
            target[c][page % CHUNK_PAGES] = sum / pageSize();
        }
    }
}
