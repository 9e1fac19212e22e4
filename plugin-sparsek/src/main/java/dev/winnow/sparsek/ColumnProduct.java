package dev.winnow.sparsek;

import java.util.Arrays;

/**
 * Products of queries with 64 vectors that stand side by side. Neighbouring elements belong to neighbouring vectors, so a loop over the 64 needs no sum over the
 * lanes of a register, which is what short dot products spend most of their time with. C2 makes vector code of it by itself as long as every array is indexed by
 * nothing but the loop's variable; with offsets it cannot rule out that what it writes is what it reads next. Hence an array for each dimension, and sums that are
 * copied when they are done. One per worker.
 */
final class ColumnProduct {

    /** Vectors that stand side by side. */
    static final int WIDTH = 64;

    private static final int STEP = 8;

    private final float[] sums = new float[WIDTH];

    /**
     * Computes {@code out[outOffset + i·outStride + j] = Σ_c queries[i][c] · columns[c][j]} for i &lt; rows, j &lt; count.
     *
     * @param queries [rows][dim]
     * @param columns [dim][64]
     * @param count   vectors that are wanted, up to 64
     */
    void multiply(float[] queries, int rows, int dim, float[][] columns, int count, float[] out, int outOffset, int outStride) {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(sums, 0);
            int c = 0;
            for (; c + STEP <= dim; c += STEP) {
                addEight(queries, row * dim + c, columns, c, sums);
            }
            for (; c < dim; c++) {
                addOne(queries[row * dim + c], columns[c], sums);
            }
            System.arraycopy(sums, 0, out, outOffset + row * outStride, count);
        }
    }

    private static void addEight(float[] q, int at, float[][] columns, int c, float[] sums) {
        addEight(q[at], q[at + 1], q[at + 2], q[at + 3], q[at + 4], q[at + 5], q[at + 6], q[at + 7], columns[c], columns[c + 1],
                columns[c + 2], columns[c + 3], columns[c + 4], columns[c + 5], columns[c + 6], columns[c + 7], sums);
    }

    private static void addEight(float q0, float q1, float q2, float q3, float q4, float q5, float q6, float q7, float[] k0, float[] k1,
            float[] k2, float[] k3, float[] k4, float[] k5, float[] k6, float[] k7, float[] sums) {
        for (int j = 0; j < WIDTH; j++) {
            float a = Math.fma(q3, k3[j], Math.fma(q2, k2[j], Math.fma(q1, k1[j], Math.fma(q0, k0[j], sums[j]))));
            float b = Math.fma(q7, k7[j], Math.fma(q6, k6[j], Math.fma(q5, k5[j], q4 * k4[j])));
            sums[j] = a + b;
        }
    }

    private static void addOne(float q, float[] k, float[] sums) {
        for (int j = 0; j < WIDTH; j++) {
            sums[j] = Math.fma(q, k[j], sums[j]);
        }
    }
}
