package dev.winnow.cpu;

import dev.winnow.cpu.kernel.HalfScoreKernel;
import dev.winnow.cpu.kernel.PageReader;
import dev.winnow.cpu.kernel.RowTiles;
import dev.winnow.cpu.kernel.ScoreKernel;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows with pages of F16 keys by the kernels of attention: that of {@link FewQueriesAttention}, which converts keys in registers, or with more rows that of
 * {@link TileAttention}, whose tiles are larger because their keys have been converted before. For one thread; allocates only when it grows.
 */
final class KeyPageProduct {

    private static final int KEYS = KeyValues.PAGE_KEYS;

    /** From so many rows on a copy of the keys in F32 is worth its while: 0.72, 0.93 and 0.89 times the time of a row with 512, 256 and 128 bits. */
    private static final int ROWS_FOR_COPY = 16;

    private float[] rows = new float[0]; // [m rounded up][k], interleaved in tiles, multiplied by the factor of the kernel
    private float[] keys = new float[0]; // [4 groups][k][16]
    private float[] products = new float[0]; // [m rounded up][64]

    /** Computes what {@link dev.winnow.spi.LinearBackend#multiplyKeyPages} describes. */
    void multiply(float[] a, int aOffset, int aStride, int m, @Nullable MemorySegment[] pages, int pageCount, int k, float[] out,
            int outOffset, int outStride) {
        boolean copied = m >= ROWS_FOR_COPY;
        int rowCount = copied ? RowTiles.roundUp(m) : AttentionScratch.roundUp(m, RowTiles.FEW);
        interleave(a, aOffset, aStride, m, k, rowCount, copied);
        products = AttentionScratch.grown(products, rowCount * KEYS);
        for (int p = 0; p < pageCount; p++) {
            MemorySegment page = pages[p];
            if (page != null) {
                multiplyPage(page, rowCount, m, k, copied);
                for (int i = 0; i < m; i++) {
                    System.arraycopy(products, i * KEYS, out, outOffset + i * outStride + p * KEYS, KEYS);
                }
            }
        }
    }

    private void interleave(float[] a, int aOffset, int aStride, int m, int k, int rowCount, boolean copied) {
        rows = AttentionScratch.grown(rows, rowCount * k);
        float factor = copied ? 1 : HalfScoreKernel.QUERY_FACTOR;
        for (int row = 0; row < m; row++) {
            RowTiles.interleave(a, aOffset + row * aStride, k, factor, rows, 0, row, rowCount, copied ? RowTiles.MOST : RowTiles.FEW);
        }
    }

    /** Computes the products with one page; those of rows behind the last are without meaning. */
    private void multiplyPage(MemorySegment page, int rowCount, int m, int k, boolean copied) {
        if (!page.isNative() || page.byteSize() < KeyValues.pageBytes(KvType.F16, k)) {
            throw new IllegalArgumentException("A page of F16 keys of dimension " + k + " has to have " + KeyValues.pageBytes(KvType.F16, k)
                    + " bytes outside the Java heap, but is " + page + ".");
        }
        try {
            if (copied) {
                keys = AttentionScratch.grown(keys, KEYS * k);
                PageReader.readKeys(KvType.F16, page, k, 0, KEYS / KeyValues.GROUP_KEYS, keys, 0);
                ScoreKernel.multiply(rows, 0, rowCount, keys, k, products);
            } else {
                for (int row = 0; row < rowCount; row += RowTiles.FEW) {
                    HalfScoreKernel.multiplyPage(page, rows, row * k, k, Math.min(RowTiles.FEW, m - row), products, row * KEYS);
                }
            }
        } finally {
            Reference.reachabilityFence(page); // the kernels hold an address only
        }
    }
}
