package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Products of rows with a page of F16 keys, a tile of {@link RowTiles} at a time, by the kernels of attention: that of {@link FewQueriesAttention}, which converts keys in
 * registers, or with more rows that of {@link TileAttention}, whose tiles are larger because their keys have been converted before. For one thread; allocates
 * only when it grows.
 */
final class KeyPageProduct {

    private static final int KEYS = KeyValues.PAGE_KEYS;

    /** From so many rows on a copy of the keys in F32 is worth its while: 0.79 times the time with vectors of 512 bits, as long with shorter ones. */
    private static final int ROWS_FOR_COPY = 16;

    private float[] rows = new float[0]; // [k][rows of a tile], multiplied by the factor of the kernel
    private float[] keys = new float[0]; // [4 groups][k][16]
    private final float[] products = new float[RowTiles.MOST * KEYS];

    /** Computes what {@link dev.winnow.spi.LinearBackend#multiplyKeyPage} describes. */
    void multiply(float[] a, int aOffset, int aStride, int m, MemorySegment page, int k, float[] out, int outOffset, int outStride) {
        if (!page.isNative() || page.byteSize() < KeyValues.pageBytes(KvType.F16, k)) {
            throw new IllegalArgumentException("A page of F16 keys of dimension " + k + " has to have " + KeyValues.pageBytes(KvType.F16, k)
                    + " bytes outside the Java heap, but is " + page + ".");
        }
        if (rows.length < RowTiles.MOST * k) {
            rows = new float[RowTiles.MOST * k];
        }
        boolean copied = m >= ROWS_FOR_COPY;
        float factor = copied ? 1 : HalfScoreKernel.QUERY_FACTOR;
        try {
            if (copied) {
                keys = AttentionScratch.grown(keys, KEYS * k);
                PageReader.readKeys(KvType.F16, page, k, 0, KEYS / KeyValues.GROUP_KEYS, keys, 0);
            }
            for (int row = 0; row < m;) {
                int tileRows = copied ? RowTiles.rowsOfNext(m - row) : RowTiles.FEW;
                int count = Math.min(tileRows, m - row);
                for (int i = 0; i < count; i++) {
                    int from = aOffset + (row + i) * aStride;
                    for (int c = 0; c < k; c++) {
                        rows[c * tileRows + i] = a[from + c] * factor;
                    }
                }
                if (copied) {
                    ScoreKernel.multiply(rows, 0, tileRows, keys, k, products);
                } else {
                    HalfScoreKernel.multiplyPage(page, rows, 0, k, count, products);
                }
                for (int i = 0; i < count; i++) {
                    System.arraycopy(products, i * KEYS, out, outOffset + (row + i) * outStride, KEYS);
                }
                row += count;
            }
        } finally {
            Reference.reachabilityFence(page); // the kernels hold an address only
        }
    }
}
