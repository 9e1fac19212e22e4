package dev.winnow.cpu;

import dev.winnow.spi.Activations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Activations times a panel. The micro-kernel keeps a tile of tokens × vectors of outputs in registers: 6 × 4 where there are 32 registers (512 bits), and
 * 6 × 2 where there are 16. The accumulators are named variables, because C2 keeps no array of vectors in registers, and they are loaded and stored
 * here and not by a helper: a vector that is passed to a method that C2 does not inline becomes an object on the heap.
 */
final class Gemm {

    /** Tokens of a tile. */
    static final int TOKENS = 6;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int ROWS = Panels.ROWS;

    private Gemm() {}

    /**
     * Adds to the outputs {@code out[outOffset + token · outStride + row]} the products of one panel with all tokens.
     *
     * @param k0 first column of the panel
     */
    static void multiply(Activations x, int k0, int depth, CpuLinear.Scratch memory, int rows, float[] out, int outOffset, int outStride) {
        float[] values = x.values();
        int columns = x.columns();
        boolean whole = rows == ROWS;
        for (int token = 0; token < x.tokens(); token += TOKENS) {
            int count = Math.min(TOKENS, x.tokens() - token);
            int at = outOffset + token * outStride;
            int input = token * columns + k0;
            if (whole) {
                tile(values, input, columns, memory.panel, depth, count, out, at, outStride);
            } else {
                edgeTile(values, input, columns, memory, depth, count, rows, out, at, outStride);
            }
        }
    }

    /** A panel with less than 64 rows is computed beside the outputs, which end before it does. */
    private static void edgeTile(float[] x, int input, int columns, CpuLinear.Scratch memory, int depth, int count, int rows, float[] out,
            int at,
            int outStride) {
        for (int token = 0; token < count; token++) {
            System.arraycopy(out, at + token * outStride, memory.edge, token * ROWS, rows);
        }
        tile(x, input, columns, memory.panel, depth, count, memory.edge, 0, ROWS);
        for (int token = 0; token < count; token++) {
            System.arraycopy(memory.edge, token * ROWS, out, at + token * outStride, rows);
        }
    }

    private static void tile(float[] x, int input, int columns, float[] panel, int depth, int count, float[] out, int at, int outStride) {
        if (LANES == 16) {
            if (count == TOKENS) {
                sixByFour(x, input, columns, panel, depth, out, at, outStride);
            } else {
                for (int token = 0; token < count; token++) {
                    oneByFour(x, input + token * columns, panel, depth, 0, out, at + token * outStride);
                }
            }
            return;
        }
        for (int row = 0; row < ROWS; row += 2 * LANES) {
            if (count == TOKENS) {
                sixByTwo(x, input, columns, panel, depth, row, out, at + row, outStride);
            }
        }
        for (int row = 0; row < ROWS && count < TOKENS; row += 4 * LANES) {
            for (int token = 0; token < count; token++) {
                oneByFour(x, input + token * columns, panel, depth, row, out, at + token * outStride + row);
            }
        }
    }

    private static void sixByFour(float[] x, int input, int columns, float[] panel, int depth, float[] out, int at, int stride) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, at);
        FloatVector a1 = FloatVector.fromArray(FLOATS, out, at + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, out, at + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, out, at + 3 * LANES);
        FloatVector b0 = FloatVector.fromArray(FLOATS, out, at + stride);
        FloatVector b1 = FloatVector.fromArray(FLOATS, out, at + stride + LANES);
        FloatVector b2 = FloatVector.fromArray(FLOATS, out, at + stride + 2 * LANES);
        FloatVector b3 = FloatVector.fromArray(FLOATS, out, at + stride + 3 * LANES);
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, at + 2 * stride);
        FloatVector c1 = FloatVector.fromArray(FLOATS, out, at + 2 * stride + LANES);
        FloatVector c2 = FloatVector.fromArray(FLOATS, out, at + 2 * stride + 2 * LANES);
        FloatVector c3 = FloatVector.fromArray(FLOATS, out, at + 2 * stride + 3 * LANES);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, at + 3 * stride);
        FloatVector d1 = FloatVector.fromArray(FLOATS, out, at + 3 * stride + LANES);
        FloatVector d2 = FloatVector.fromArray(FLOATS, out, at + 3 * stride + 2 * LANES);
        FloatVector d3 = FloatVector.fromArray(FLOATS, out, at + 3 * stride + 3 * LANES);
        FloatVector e0 = FloatVector.fromArray(FLOATS, out, at + 4 * stride);
        FloatVector e1 = FloatVector.fromArray(FLOATS, out, at + 4 * stride + LANES);
        FloatVector e2 = FloatVector.fromArray(FLOATS, out, at + 4 * stride + 2 * LANES);
        FloatVector e3 = FloatVector.fromArray(FLOATS, out, at + 4 * stride + 3 * LANES);
        FloatVector f0 = FloatVector.fromArray(FLOATS, out, at + 5 * stride);
        FloatVector f1 = FloatVector.fromArray(FLOATS, out, at + 5 * stride + LANES);
        FloatVector f2 = FloatVector.fromArray(FLOATS, out, at + 5 * stride + 2 * LANES);
        FloatVector f3 = FloatVector.fromArray(FLOATS, out, at + 5 * stride + 3 * LANES);
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
        a0.intoArray(out, at);
        a1.intoArray(out, at + LANES);
        a2.intoArray(out, at + 2 * LANES);
        a3.intoArray(out, at + 3 * LANES);
        b0.intoArray(out, at + stride);
        b1.intoArray(out, at + stride + LANES);
        b2.intoArray(out, at + stride + 2 * LANES);
        b3.intoArray(out, at + stride + 3 * LANES);
        c0.intoArray(out, at + 2 * stride);
        c1.intoArray(out, at + 2 * stride + LANES);
        c2.intoArray(out, at + 2 * stride + 2 * LANES);
        c3.intoArray(out, at + 2 * stride + 3 * LANES);
        d0.intoArray(out, at + 3 * stride);
        d1.intoArray(out, at + 3 * stride + LANES);
        d2.intoArray(out, at + 3 * stride + 2 * LANES);
        d3.intoArray(out, at + 3 * stride + 3 * LANES);
        e0.intoArray(out, at + 4 * stride);
        e1.intoArray(out, at + 4 * stride + LANES);
        e2.intoArray(out, at + 4 * stride + 2 * LANES);
        e3.intoArray(out, at + 4 * stride + 3 * LANES);
        f0.intoArray(out, at + 5 * stride);
        f1.intoArray(out, at + 5 * stride + LANES);
        f2.intoArray(out, at + 5 * stride + 2 * LANES);
        f3.intoArray(out, at + 5 * stride + 3 * LANES);
    }

    private static void sixByTwo(float[] x, int input, int columns, float[] panel, int depth, int row, float[] out, int at, int stride) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, at);
        FloatVector a1 = FloatVector.fromArray(FLOATS, out, at + LANES);
        FloatVector b0 = FloatVector.fromArray(FLOATS, out, at + stride);
        FloatVector b1 = FloatVector.fromArray(FLOATS, out, at + stride + LANES);
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, at + 2 * stride);
        FloatVector c1 = FloatVector.fromArray(FLOATS, out, at + 2 * stride + LANES);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, at + 3 * stride);
        FloatVector d1 = FloatVector.fromArray(FLOATS, out, at + 3 * stride + LANES);
        FloatVector e0 = FloatVector.fromArray(FLOATS, out, at + 4 * stride);
        FloatVector e1 = FloatVector.fromArray(FLOATS, out, at + 4 * stride + LANES);
        FloatVector f0 = FloatVector.fromArray(FLOATS, out, at + 5 * stride);
        FloatVector f1 = FloatVector.fromArray(FLOATS, out, at + 5 * stride + LANES);
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
        a0.intoArray(out, at);
        a1.intoArray(out, at + LANES);
        b0.intoArray(out, at + stride);
        b1.intoArray(out, at + stride + LANES);
        c0.intoArray(out, at + 2 * stride);
        c1.intoArray(out, at + 2 * stride + LANES);
        d0.intoArray(out, at + 3 * stride);
        d1.intoArray(out, at + 3 * stride + LANES);
        e0.intoArray(out, at + 4 * stride);
        e1.intoArray(out, at + 4 * stride + LANES);
        f0.intoArray(out, at + 5 * stride);
        f1.intoArray(out, at + 5 * stride + LANES);
    }

    private static void oneByFour(float[] x, int input, float[] panel, int depth, int row, float[] out, int at) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, at);
        FloatVector a1 = FloatVector.fromArray(FLOATS, out, at + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, out, at + 2 * LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, out, at + 3 * LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row);
            FloatVector w1 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(FLOATS, panel, k * ROWS + row + 3 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
        }
        a0.intoArray(out, at);
        a1.intoArray(out, at + LANES);
        a2.intoArray(out, at + 2 * LANES);
        a3.intoArray(out, at + 3 * LANES);
    }
}
