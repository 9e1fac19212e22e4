package dev.winnow.cpu;

import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;

/**
 * Sixty-four keys and values as floats, in the layout of a page. Either a decoded page, or the few live columns of several pages, gathered so that the kernel
 * works on full panels whatever the pattern of the mask.
 */
final class KeyPanel {

    final long[] words = new long[AttentionTile.MAX_POSITIONS]; // [query], bit j for key j of the panel
    float[] keys = new float[0]; // [group of 16][keyDim][16]
    float[] values = new float[0]; // [64][valueDim]
    int size; // gathered columns

    void reserve(int keyDim, int valueDim) {
        if (keys.length < KeyValues.PAGE_KEYS * keyDim) {
            keys = new float[KeyValues.PAGE_KEYS * keyDim];
        }
        if (values.length < KeyValues.PAGE_KEYS * valueDim) {
            values = new float[KeyValues.PAGE_KEYS * valueDim];
        }
    }

    void clear(int queries) {
        size = 0;
        java.util.Arrays.fill(words, 0, queries, 0);
    }

    boolean isFull() {
        return size == KeyValues.PAGE_KEYS;
    }

    /** Adds one column of a page: its key, its value, and which queries keep it. */
    void gather(KeyPanel page, int column, int keyDim, int valueDim, int queries) {
        int from = KeyValues.keyIndex(column, 0, keyDim);
        int to = KeyValues.keyIndex(size, 0, keyDim);
        for (int c = 0; c < keyDim; c++) {
            keys[to + c * KeyValues.GROUP_KEYS] = page.keys[from + c * KeyValues.GROUP_KEYS];
        }
        System.arraycopy(page.values, column * valueDim, values, size * valueDim, valueDim);
        for (int query = 0; query < queries; query++) {
            words[query] |= (page.words[query] >>> column & 1) << size;
        }
        size++;
    }
}
