package dev.winnow.spi;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products of activations with weights of a GGML type, and the small dense products that mask refiners need. Activations are never rounded. One
 * instance serves a whole runtime; products are computed by many workers at once.
 */
public interface LinearBackend {

    /** Returns the reasons why weights of a type cannot be multiplied; empty if they can. */
    List<String> unsupported(GgmlType type);

    /** Prepares a weight matrix for products; called once for each matrix while a model is opened. */
    Linear prepare(WeightMatrix weights);

    /** Returns memory for the input of products, for up to {@code maxTokens} vectors. */
    Activations newActivations(int maxTokens, int columns);

    /**
     * Small dense product {@code out[i][j] = Σ_c a[i][c] · b[j][c]} for i &lt; m, j &lt; n, c &lt; k, everything row-major F32 with the given distances between rows.
     */
    void multiplyTransposed(float[] a, int aOffset, int aStride, int m, float[] b, int bOffset, int bStride, int n, int k, float[] out,
            int outOffset,
            int outStride);

    /**
     * Products of rows with the vectors of some pages, 64 in each, that are laid out like the F16 keys of {@link KeyValues}:
     * {@code out[i][64·p + j] = Σ_c a[i][c] · pages[p][j][c]} for i &lt; m, p &lt; pageCount, j &lt; 64, c &lt; k. The vectors stand side by side in such a page, so
     * that few rows cost far less than with {@link #multiplyTransposed}, which has to add up the lanes of a register for each product.
     *
     * @param a     row-major F32, rows {@code aStride} apart
     * @param pages {@code KeyValues.pageBytes(KvType.F16, k)} bytes outside the Java heap each; a page that is null is left out, and its columns stay as they are
     * @param out   row-major F32, rows {@code outStride} apart
     */
    default void multiplyKeyPages(float[] a, int aOffset, int aStride, int m, @Nullable MemorySegment[] pages, int pageCount, int k,
            float[] out, int outOffset, int outStride) {
        for (int p = 0; p < pageCount; p++) {
            MemorySegment page = pages[p];
            for (int i = 0; page != null && i < m; i++) {
                for (int j = 0; j < KeyValues.PAGE_KEYS; j++) {
                    double sum = 0;
                    for (int c = 0; c < k; c++) {
                        short half = page.get(KeyValues.HALF, (long) Short.BYTES * KeyValues.keyIndex(j, c, k));
                        sum += (double) a[aOffset + i * aStride + c] * Float.float16ToFloat(half);
                    }
                    out[outOffset + i * outStride + p * KeyValues.PAGE_KEYS + j] = (float) sum;
                }
            }
        }
    }
}
