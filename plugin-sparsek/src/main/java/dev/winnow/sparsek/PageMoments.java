package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * Mean and standard deviation of each dimension over the keys of a page, stored as F16: at 16 keys a page, a sixteenth of the memory of F16 keys and values.
 * q·mean is the mean score of the page; with the deviation it becomes an estimate of the page's largest score or of its softmax mass.
 */
final class PageMoments extends KeySummaries {

    private static final int GROUP = KeyValues.GROUP_KEYS;

    private final short[][][][] chunks; // [layer][kvHead][chunk][64 pages · 2 · keyDim]: means, then deviations

    PageMoments(List<LayerSpec> layers, int pageSize, int contextLength) {
        super(layers, pageSize);
        this.chunks = new short[layers.size()][][][];
        for (LayerSpec layer : layers) {
            chunks[layer.index()] = new short[layer.attention().headCountKv()][contextLength / (pageSize * CHUNK_PAGES) + 1][];
        }
    }

    /** What {@link #read} makes of the deviations. */
    enum Spread {
        DEVIATION, VARIANCE
    }

    /**
     * Converts the summaries of a piece to F32 rows: the means, followed by the spread.
     *
     * @param count  pages to read
     * @param target [count][2 · keyDim]
     */
    void read(LayerSpec layer, int kvHead, int chunk, int count, Spread spread, float[] target) {
        short[] source = chunks[layer.index()][kvHead][chunk];
        int dim = layer.attention().keyDim();
        for (int i = 0; i < count * 2 * dim; i++) {
            target[i] = Float.float16ToFloat(source[i]);
        }
        if (spread == Spread.VARIANCE) {
            for (int page = 0; page < count; page++) {
                for (int i = page * 2 * dim + dim; i < (page + 1) * 2 * dim; i++) {
                    target[i] *= target[i];
                }
            }
        }
    }

    @Override
    void reserve(LayerSpec layer, int kvHead, int chunk) {
        short[][] ofHead = chunks[layer.index()][kvHead];
        if (ofHead[chunk] == null) {
            ofHead[chunk] = new short[CHUNK_PAGES * 2 * layer.attention().keyDim()];
        }
    }

    @Override
    void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey) {
        int dim = layer.attention().keyDim();
        short[] target = chunks[layer.index()][kvHead][page / CHUNK_PAGES];
        int offset = page % CHUNK_PAGES * 2 * dim;
        int firstGroup = firstKey / GROUP;
        int groups = pageSize() / GROUP;
        for (int c = 0; c < dim; c++) {
            float sum = 0;
            for (int group = firstGroup; group < firstGroup + groups; group++) {
                for (int at = (group * dim + c) * GROUP, end = at + GROUP; at < end; at++) {
                    sum += keys[at];
                }
            }
            float mean = sum / pageSize();
            float squares = 0;
            for (int group = firstGroup; group < firstGroup + groups; group++) {
                for (int at = (group * dim + c) * GROUP, end = at + GROUP; at < end; at++) {
                    squares += (keys[at] - mean) * (keys[at] - mean);
                }
            }
            target[offset + c] = Float.floatToFloat16(mean);
            target[offset + dim + c] = Float.floatToFloat16((float) Math.sqrt(squares / pageSize()));
        }
    }
}
