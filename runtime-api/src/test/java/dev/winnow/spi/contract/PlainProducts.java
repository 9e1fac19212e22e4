package dev.winnow.spi.contract;

import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.util.List;

/** The small products that refiners ask of a {@link LinearBackend}, one F32 sum at a time; no weights. */
public final class PlainProducts implements LinearBackend {

    /** Creates the products. */
    public PlainProducts() {}

    /** Returns the sum of products of k elements, added up in their order. */
    public static float dot(float[] a, int aOffset, float[] b, int bOffset, int k) {
        float sum = 0;
        for (int c = 0; c < k; c++) {
            sum += a[aOffset + c] * b[bOffset + c];
        }
        return sum;
    }

    @Override
    public List<String> unsupported(GgmlType type) {
        return List.of("weights are not part of these products");
    }

    @Override
    public Linear prepare(WeightMatrix weights) {
        throw new UnsupportedOperationException("weights are not part of these products");
    }

    @Override
    public Activations newActivations(int maxTokens, int columns) {
        throw new UnsupportedOperationException("weights are not part of these products");
    }

    @Override
    public void multiplyTransposed(float[] a, int aOffset, int aStride, int m, float[] b, int bOffset, int bStride, int n, int k,
            float[] out, int outOffset, int outStride) {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                out[outOffset + i * outStride + j] = dot(a, aOffset + i * aStride, b, bOffset + j * bStride, k);
            }
        }
    }
}
