package dev.winnow.cpu;

import dev.winnow.spi.Activations;
import dev.winnow.spi.GgmlType;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Matrix products: a register-tiled kernel over decoded panels for many tokens, dot products row by row for few. */
final class CpuLinear implements LinearBackend {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private final Scratch[] scratch; // [workers]

    CpuLinear(int workers) {
        scratch = new Scratch[workers];
        java.util.Arrays.setAll(scratch, worker -> new Scratch());
    }

    /** The memory of one worker. */
    static final class Scratch {
        final float[] panel = new float[Panels.ROWS * Panels.DEPTH]; // [k][row]
        final float[] rows = new float[Panels.ROWS * Panels.STRIP]; // [row][k], one strip of columns
        final float[] edge = new float[Gemm.TOKENS * Panels.ROWS]; // outputs of a panel with less than 64 rows
        float[] row = new float[0]; // one decoded row
    }

    @Override
    public List<String> unsupported(GgmlType type) {
        return List.of();
    }

    @Override
    public Linear prepare(WeightMatrix weights) {
        return new CpuMatrix(weights, scratch);
    }

    @Override
    public Activations newActivations(int maxTokens, int columns) {
        return new Plain(maxTokens, columns);
    }

    /** The kernels read the values themselves. */
    private static final class Plain extends Activations {

        Plain(int maxTokens, int columns) {
            super(maxTokens, columns);
        }

        @Override
        protected void derive() {
            // nothing to derive
        }
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

    /** Dot product with four chains of multiply-adds, which hide the latency of each. */
    static float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = FloatVector.zero(FLOATS);
        FloatVector sum2 = FloatVector.zero(FLOATS);
        FloatVector sum3 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= n - 4 * LANES; i += 4 * LANES) {
            sum0 = FloatVector.fromArray(FLOATS, a, aOffset + i).fma(FloatVector.fromArray(FLOATS, b, bOffset + i), sum0);
            sum1 = FloatVector.fromArray(FLOATS, a, aOffset + i + LANES).fma(FloatVector.fromArray(FLOATS, b, bOffset + i + LANES), sum1);
            sum2 = FloatVector.fromArray(FLOATS, a, aOffset + i + 2 * LANES).fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 2 * LANES),
                    sum2);
            sum3 = FloatVector.fromArray(FLOATS, a, aOffset + i + 3 * LANES).fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 3 * LANES),
                    sum3);
        }
        for (; i <= n - LANES; i += LANES) {
            sum0 = FloatVector.fromArray(FLOATS, a, aOffset + i).fma(FloatVector.fromArray(FLOATS, b, bOffset + i), sum0);
        }
        float sum = sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }
}
