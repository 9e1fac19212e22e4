package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Outputs O ← O · factor + P V for one panel of 64 values: tiles of 4 queries × 4 vectors of the output in registers. */
final class ValueKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int KEYS = KeyValues.PAGE_KEYS;

    private ValueKernel() {}

    /**
     * Adds a panel.
     *
     * @param p       [queries][64], weights
     * @param keys    number of keys with a weight; later ones are not read
     * @param factors [queries], by which the outputs so far shrink
     * @param out     [queries][dim] from {@code to} on
     */
    static void add(float[] p, int queries, int keys, float[] values, int dim, float[] factors, float[] out, int to) {
        int c = 0;
        for (; c <= dim - 4 * LANES; c += 4 * LANES) {
            int query = 0;
            for (; query <= queries - 4; query += 4) {
                fourByFour(p, query, keys, values, dim, c, factors, out, to);
            }
            for (; query < queries; query++) {
                oneByFour(p, query, keys, values, dim, c, factors, out, to);
            }
        }
        for (; c <= dim - LANES; c += LANES) {
            for (int query = 0; query < queries; query++) {
                oneByOne(p, query, keys, values, dim, c, factors, out, to);
            }
        }
        for (; c < dim; c++) {
            for (int query = 0; query < queries; query++) {
                float sum = out[to + query * dim + c] * factors[query];
                for (int key = 0; key < keys; key++) {
                    sum = Math.fma(p[query * KEYS + key], values[key * dim + c], sum);
                }
                out[to + query * dim + c] = sum;
            }
        }
    }

    private static void fourByFour(float[] p, int query, int keys, float[] values, int dim, int column, float[] factors, float[] out,
            int to) {
        int at = to + query * dim + column;
        FloatVector f = FloatVector.broadcast(FLOATS, factors[query]);
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, at).mul(f), a1 = FloatVector.fromArray(FLOATS, out, at + LANES).mul(f);
        FloatVector a2 = FloatVector.fromArray(FLOATS, out, at + 2 * LANES).mul(f),
                a3 = FloatVector.fromArray(FLOATS, out, at + 3 * LANES).mul(f);
        f = FloatVector.broadcast(FLOATS, factors[query + 1]);
        FloatVector b0 = FloatVector.fromArray(FLOATS, out, at + dim).mul(f),
                b1 = FloatVector.fromArray(FLOATS, out, at + dim + LANES).mul(f);
        FloatVector b2 = FloatVector.fromArray(FLOATS, out, at + dim + 2 * LANES).mul(f),
                b3 = FloatVector.fromArray(FLOATS, out, at + dim + 3 * LANES).mul(f);
        int third = at + 2 * dim;
        f = FloatVector.broadcast(FLOATS, factors[query + 2]);
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, third).mul(f), c1 = FloatVector.fromArray(FLOATS, out, third + LANES).mul(f);
        FloatVector c2 = FloatVector.fromArray(FLOATS, out, third + 2 * LANES).mul(f),
                c3 = FloatVector.fromArray(FLOATS, out, third + 3 * LANES).mul(f);
        int fourth = at + 3 * dim;
        f = FloatVector.broadcast(FLOATS, factors[query + 3]);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, fourth).mul(f), d1 = FloatVector.fromArray(FLOATS, out, fourth + LANES).mul(f);
        FloatVector d2 = FloatVector.fromArray(FLOATS, out, fourth + 2 * LANES).mul(f),
                d3 = FloatVector.fromArray(FLOATS, out, fourth + 3 * LANES).mul(f);
        int weight = query * KEYS;
        for (int key = 0; key < keys; key++) {
            int row = key * dim + column;
            FloatVector w0 = FloatVector.fromArray(FLOATS, values, row);
            FloatVector w1 = FloatVector.fromArray(FLOATS, values, row + LANES);
            FloatVector w2 = FloatVector.fromArray(FLOATS, values, row + 2 * LANES);
            FloatVector w3 = FloatVector.fromArray(FLOATS, values, row + 3 * LANES);
            FloatVector v = FloatVector.broadcast(FLOATS, p[weight + key]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, p[weight + KEYS + key]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = FloatVector.broadcast(FLOATS, p[weight + 2 * KEYS + key]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = FloatVector.broadcast(FLOATS, p[weight + 3 * KEYS + key]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
        }
        a0.intoArray(out, at);
        a1.intoArray(out, at + LANES);
        a2.intoArray(out, at + 2 * LANES);
        a3.intoArray(out, at + 3 * LANES);
        b0.intoArray(out, at + dim);
        b1.intoArray(out, at + dim + LANES);
        b2.intoArray(out, at + dim + 2 * LANES);
        b3.intoArray(out, at + dim + 3 * LANES);
        c0.intoArray(out, third);
        c1.intoArray(out, third + LANES);
        c2.intoArray(out, third + 2 * LANES);
        c3.intoArray(out, third + 3 * LANES);
        d0.intoArray(out, fourth);
        d1.intoArray(out, fourth + LANES);
        d2.intoArray(out, fourth + 2 * LANES);
        d3.intoArray(out, fourth + 3 * LANES);
    }

    private static void oneByFour(float[] p, int query, int keys, float[] values, int dim, int column, float[] factors, float[] out,
            int to) {
        int at = to + query * dim + column;
        FloatVector f = FloatVector.broadcast(FLOATS, factors[query]);
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, at).mul(f);
        FloatVector a1 = FloatVector.fromArray(FLOATS, out, at + LANES).mul(f);
        FloatVector a2 = FloatVector.fromArray(FLOATS, out, at + 2 * LANES).mul(f);
        FloatVector a3 = FloatVector.fromArray(FLOATS, out, at + 3 * LANES).mul(f);
        for (int key = 0; key < keys; key++) {
            int row = key * dim + column;
            FloatVector v = FloatVector.broadcast(FLOATS, p[query * KEYS + key]);
            a0 = v.fma(FloatVector.fromArray(FLOATS, values, row), a0);
            a1 = v.fma(FloatVector.fromArray(FLOATS, values, row + LANES), a1);
            a2 = v.fma(FloatVector.fromArray(FLOATS, values, row + 2 * LANES), a2);
            a3 = v.fma(FloatVector.fromArray(FLOATS, values, row + 3 * LANES), a3);
        }
        a0.intoArray(out, at);
        a1.intoArray(out, at + LANES);
        a2.intoArray(out, at + 2 * LANES);
        a3.intoArray(out, at + 3 * LANES);
    }

    private static void oneByOne(float[] p, int query, int keys, float[] values, int dim, int column, float[] factors, float[] out,
            int to) {
        int at = to + query * dim + column;
        FloatVector a = FloatVector.fromArray(FLOATS, out, at).mul(factors[query]);
        for (int key = 0; key < keys; key++) {
            a = FloatVector.broadcast(FLOATS, p[query * KEYS + key]).fma(FloatVector.fromArray(FLOATS, values, key * dim + column), a);
        }
        a.intoArray(out, at);
    }
}
