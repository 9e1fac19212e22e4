package dev.winnow.core.reference;

import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.util.List;
import java.util.Objects;

/** Matrix products row by row: decode a row exactly, then a dot product in double precision for each vector. */
final class ReferenceLinear implements LinearBackend {

    private final float[][] rowScratch; // [workers][columns of the widest matrix]

    ReferenceLinear(int workers) {
        this.rowScratch = new float[workers][0];
    }

    @Override
    public List<String> unsupported(GgmlType type) {
        return List.of();
    }

    @Override
    public Linear prepare(WeightMatrix weights) {
        return new RowByRow(weights);
    }

    @Override
    public Activations newActivations(int maxTokens, int columns) {
        return new PlainActivations(maxTokens, columns);
    }

    @Override
    public void multiplyTransposed(float[] a, int aOffset, int aStride, int m, float[] b, int bOffset, int bStride, int n, int k,
            float[] out,
            int outOffset, int outStride) {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                out[outOffset + i * outStride + j] = dot(a, aOffset + i * aStride, b, bOffset + j * bStride, k);
            }
        }
    }

    private static float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) a[aOffset + i] * b[bOffset + i];
        }
        return (float) sum;
    }

    private static final class PlainActivations extends Activations {

        PlainActivations(int maxTokens, int columns) {
            super(maxTokens, columns);
        }

        @Override
        protected void derive() {
            // nothing: the reference reads the values themselves
        }
    }

    private final class RowByRow implements Linear {

        private final WeightMatrix weights;

        RowByRow(WeightMatrix weights) {
            this.weights = weights;
        }

        @Override
        public int rows() {
            return weights.rows();
        }

        @Override
        public int columns() {
            return weights.columns();
        }

        @Override
        public int rowBlock(int tokens) {
            return 1;
        }

        @Override
        public void multiply(int worker, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride) {
            int columns = weights.columns();
            if (x.columns() != columns) {
                throw new IllegalArgumentException("The tensor '" + weights.name() + "' takes activations with " + columns
                        + " columns, not with " + x.columns());
            }
            Objects.checkFromToIndex(fromRow, toRow, weights.rows());
            if (rowScratch[worker].length < columns) {
                rowScratch[worker] = new float[columns];
            }
            float[] row = rowScratch[worker];
            for (int r = fromRow; r < toRow; r++) {
                weights.type().dequantize(weights.data(), r * weights.rowBytes(), columns, row, 0);
                for (int token = 0; token < x.tokens(); token++) {
                    out[outOffset + token * outStride + r] = dot(x.values(), token * columns, row, 0, columns);
                }
            }
        }
    }
}
