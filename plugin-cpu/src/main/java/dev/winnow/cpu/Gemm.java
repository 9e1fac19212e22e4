package dev.winnow.cpu;

import dev.winnow.spi.Activations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations times a panel. The micro-kernel keeps a tile of tokens × vectors of outputs in registers: 6 × 4 where there are 32 registers (512 bits), and
 * 6 × 2 where there are 16. The accumulators are named variables, because C2 keeps no array of vectors in registers.
 */
final class Gemm {

    /** Tokens of a tile. */
    static final int TOKENS = 6;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int ROWS = Panels.ROWS;

    private Gemm() {}

    /**
     * Computes outputs {@code out[outOffset + token · outStride + row]} of one panel for all tokens.
     *
     * @param k0   first column of the panel
     * @param more whether the outputs hold the sums over earlier columns, which are added to
     */
    static void multiply(Activations x, int k0, int depth, CpuLinear.Scratch memory, int rows, float[] out, int outOffset, int outStride,
            boolean more) {
        float[] values = x.values();
        int columns = x.columns();
        boolean whole = rows == ROWS;
        for (int token = 0; token < x.tokens(); token += TOKENS) {
            int count = Math.min(TOKENS, x.tokens() - token);
            int at = outOffset + token * outStride;
            int input = token * columns + k0;
            if (whole) {
                tile(values, input, columns, memory.panel, depth, count, out, at, outStride, more);
            } else {
                edgeTile(values, input, columns, memory, depth, count, rows, out, at, outStride, more);
            }
        }
    }

    /** A panel with less than 64 rows is computed beside the outputs, which end before it does. */
    private static void edgeTile(float[] x, int input, int columns, CpuLinear.Scratch memory, int depth, int count, int rows, float[] out,
            int at,
            int outStride, boolean more) {
        for (int token = 0; token < count && more; token++) {
            System.arraycopy(out, at + token * outStride, memory.edge, token * ROWS, rows);
        }
        tile(x, input, columns, memory.panel, depth, count, memory.edge, 0, ROWS, more);
        for (int token = 0; token < count; token++) {
            System.arraycopy(memory.edge, token * ROWS, out, at + token * outStride, rows);
        }
    }

    private static void tile(float[] x, int input, int columns, float[] panel, int depth, int count, float[] out, int at, int outStride,
            boolean more) {
        if (LANES == 16) {
            if (count == TOKENS) {
                sixByFour(x, input, columns, panel, depth, out, at, outStride, more);
            } else {
                for (int token = 0; token < count; token++) {
                    oneByFour(x, input + token * columns, panel, depth, 0, out, at + token * outStride, more);
                }
            }
            return;
        }
        for (int row = 0; row < ROWS; row += 2 * LANES) {
            if (count == TOKENS) {
                sixByTwo(x, input, columns, panel, depth, row, out, at + row, outStride, more);
            }
        }
        for (int row = 0; row < ROWS && count < TOKENS; row += 4 * LANES) {
            for (int token = 0; token < count; token++) {
                oneByFour(x, input + token * columns, panel, depth, row, out, at + token * outStride + row, more);
            }
        }
    }

    private static void sixByFour(float[] x, int input, int columns, float[] panel, int depth, float[] out, int at, int stride,
            boolean more) {
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        FloatVector c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        FloatVector d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        FloatVector e0 = a0, e1 = a0, e2 = a0, e3 = a0;
        FloatVector f0 = a0, f1 = a0, f2 = a0, f3 = a0;
        for (int k = 0; k < depth; k++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, panel, k * ROWS);
            FloatVector w1 = FloatVector.fromArray(FLOATS, panel, k * ROWS + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, panel, k * ROWS + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(FLOATS, panel, k * ROWS + 3 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, x[input + columns + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * columns + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * columns + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
            v = FloatVector.broadcast(FLOATS, x[input + 4 * columns + k]);
            e0 = v.fma(w0, e0);
            e1 = v.fma(w1, e1);
            e2 = v.fma(w2, e2);
            e3 = v.fma(w3, e3);
            v = FloatVector.broadcast(FLOATS, x[input + 5 * columns + k]);
            f0 = v.fma(w0, f0);
            f1 = v.fma(w1, f1);
            f2 = v.fma(w2, f2);
            f3 = v.fma(w3, f3);
        }
        store4(a0, a1, a2, a3, out, at, more);
        store4(b0, b1, b2, b3, out, at + stride, more);
        store4(c0, c1, c2, c3, out, at + 2 * stride, more);
        store4(d0, d1, d2, d3, out, at + 3 * stride, more);
        store4(e0, e1, e2, e3, out, at + 4 * stride, more);
        store4(f0, f1, f2, f3, out, at + 5 * stride, more);
    }

    private static void sixByTwo(float[] x, int input, int columns, float[] panel, int depth, int row, float[] out, int at, int stride,
            boolean more) {
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0;
        FloatVector d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
        for (int k = 0; k < depth; k++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row);
            FloatVector w1 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row + LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            v = FloatVector.broadcast(FLOATS, x[input + columns + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * columns + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * columns + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            v = FloatVector.broadcast(FLOATS, x[input + 4 * columns + k]);
            e0 = v.fma(w0, e0);
            e1 = v.fma(w1, e1);
            v = FloatVector.broadcast(FLOATS, x[input + 5 * columns + k]);
            f0 = v.fma(w0, f0);
            f1 = v.fma(w1, f1);
        }
        store2(a0, a1, out, at, more);
        store2(b0, b1, out, at + stride, more);
        store2(c0, c1, out, at + 2 * stride, more);
        store2(d0, d1, out, at + 3 * stride, more);
        store2(e0, e1, out, at + 4 * stride, more);
        store2(f0, f1, out, at + 5 * stride, more);
    }

    private static void oneByFour(float[] x, int input, float[] panel, int depth, int row, float[] out, int at, boolean more) {
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        for (int k = 0; k < depth; k++) {
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(FloatVector.fromArray(FLOATS, panel, k * ROWS + row), a0);
            a1 = v.fma(FloatVector.fromArray(FLOATS, panel, k * ROWS + row + LANES), a1);
            a2 = v.fma(FloatVector.fromArray(FLOATS, panel, k * ROWS + row + 2 * LANES), a2);
            a3 = v.fma(FloatVector.fromArray(FLOATS, panel, k * ROWS + row + 3 * LANES), a3);
        }
        store4(a0, a1, a2, a3, out, at, more);
    }

    private static void store4(FloatVector v0, FloatVector v1, FloatVector v2, FloatVector v3, float[] out, int at, boolean more) {
        store2(v0, v1, out, at, more);
        store2(v2, v3, out, at + 2 * LANES, more);
    }

    private static void store2(FloatVector v0, FloatVector v1, float[] out, int at, boolean more) {
        if (more) {
            v0.add(FloatVector.fromArray(FLOATS, out, at)).intoArray(out, at);
            v1.add(FloatVector.fromArray(FLOATS, out, at + LANES)).intoArray(out, at + LANES);
        } else {
            v0.intoArray(out, at);
            v1.intoArray(out, at + LANES);
        }
    }
}
