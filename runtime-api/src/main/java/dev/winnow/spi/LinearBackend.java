package dev.winnow.spi;

import java.util.List;

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
}
