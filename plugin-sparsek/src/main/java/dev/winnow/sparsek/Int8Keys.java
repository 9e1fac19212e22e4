package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.List;

/**
 * The keys rounded to 8 bits, symmetrically and with one scale for each key: row-major, and half the bytes of F16 keys. A score is off by at most
 * {@code scale/2 · Σ|q|}.
 */
final class Int8Keys extends KeySummaries {

    private static final int PAGE = KeyValues.PAGE_KEYS;
    private static final int GROUP = KeyValues.GROUP_KEYS;

    /** Keys below are zero: the inverse of their scale would overflow. */
    private static final float TINY = 1e-30f;

    private final byte[][][][] pages; // [layer][kvHead][page][64 · keyDim]
    private final float[][][][] scales; // [layer][kvHead][page][64]

    Int8Keys(List<LayerSpec> layers, int contextLength) {
        super(layers, PAGE);
        this.pages = new byte[layers.size()][][][];
        this.scales = new float[layers.size()][][][];
        for (LayerSpec layer : layers) {
            int heads = layer.attention().headCountKv();
            pages[layer.index()] = new byte[heads][contextLength / PAGE + 1][];
            scales[layer.index()] = new float[heads][contextLength / PAGE + 1][];
        }
    }

    /** Converts a page to F32 rows without their scales: [64][keyDim]. */
    void read(LayerSpec layer, int kvHead, int page, float[] target) {
        byte[] source = pages[layer.index()][kvHead][page];
        for (int i = 0; i < source.length; i++) {
            target[i] = source[i];
        }
    }

    /** Returns the scales of a page: [64]. */
    float[] scales(LayerSpec layer, int kvHead, int page) {
        return scales[layer.index()][kvHead][page];
    }

    @Override
    void close() {
        Arrays.fill(pages, null);
        Arrays.fill(scales, null);
    }

    @Override
    void reserve(LayerSpec layer, int kvHead, int chunk) {
        int dim = layer.attention().keyDim();
        byte[][] ofHead = pages[layer.index()][kvHead];
        for (int page = chunk * CHUNK_PAGES; page < Math.min((chunk + 1) * CHUNK_PAGES, ofHead.length); page++) {
            if (ofHead[page] == null) {
                ofHead[page] = new byte[PAGE * dim];
                scales[layer.index()][kvHead][page] = new float[PAGE];
            }
        }
    }

    @Override
    void summarise(LayerSpec layer, int kvHead, int page, float[] keys, int firstKey) {
        int dim = layer.attention().keyDim();
        byte[] target = pages[layer.index()][kvHead][page];
        for (int key = 0; key < PAGE; key++) {
            int from = key / GROUP * dim * GROUP + key % GROUP;
            float largest = 0;
            for (int c = 0; c < dim; c++) {
                largest = Math.max(largest, Math.abs(keys[from + c * GROUP]));
            }
            scales[layer.index()][kvHead][page][key] = largest / 127;
            float factor = largest < TINY ? 0 : 127 / largest;
            for (int c = 0; c < dim; c++) {
                target[key * dim + c] = (byte) Math.rint(keys[from + c * GROUP] * factor);
            }
        }
    }
}
