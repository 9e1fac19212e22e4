package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** Products of rows with a page of F16 keys, four rows at a time, by the kernel of {@link FewQueriesAttention}. For one thread; allocates only when it grows. */
final class KeyPageProduct {

    private static final int ROWS = AttentionScratch.ROW_TILE;
    private static final int KEYS = KeyValues.PAGE_KEYS;

    private float[] rows = new float[0]; // [4][k], multiplied by the kernel's factor
    private final float[] products = new float[ROWS * KEYS];

    /** Computes what {@link dev.winnow.spi.LinearBackend#multiplyKeyPage} describes. */
    void multiply(float[] a, int aOffset, int aStride, int m, MemorySegment page, int k, float[] out, int outOffset, int outStride) {
        if (!page.isNative() || page.byteSize() < KeyValues.pageBytes(KvType.F16, k)) {
            throw new IllegalArgumentException("A page of F16 keys of dimension " + k + " has to have " + KeyValues.pageBytes(KvType.F16, k)
                    + " bytes outside the Java heap, but is " + page + ".");
        }
        if (rows.length < ROWS * k) {
            rows = new float[ROWS * k];
        }
        try {
            for (int row = 0; row < m; row += ROWS) {
                int count = Math.min(ROWS, m - row);
                for (int i = 0; i < count; i++) {
                    int from = aOffset + (row + i) * aStride;
                    for (int c = 0; c < k; c++) {
                        rows[i * k + c] = a[from + c] * HalfScoreKernel.QUERY_FACTOR;
                    }
                }
                HalfScoreKernel.multiplyPage(page, rows, 0, k, count, products);
                for (int i = 0; i < count; i++) {
                    System.arraycopy(products, i * KEYS, out, outOffset + (row + i) * outStride, KEYS);
                }
            }
        } finally {
            Reference.reachabilityFence(page); // the kernel holds an address only
        }
    }
}
