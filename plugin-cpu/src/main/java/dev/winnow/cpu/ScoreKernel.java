package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Scores S = Q Kᵀ of up to 64 queries and one panel of 64 keys: tiles of 4 queries × 4 vectors of keys in registers. */
final class ScoreKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int KEYS = KeyValues.PAGE_KEYS;
    private static final int GROUP = KeyValues.GROUP_KEYS;

    private ScoreKernel() {}

    /** Index, in the keys of a panel, of the vector of keys that begins with key {@code key}. */
    private static int vectorStart(int key, int dim) {
        return key / GROUP * dim * GROUP + key % GROUP;
    }

    /**
     * Computes the scores.
     *
     * @param q      [queries][dim] from {@code from} on, scaled
     * @param scores [queries][64]
     */
    static void compute(float[] q, int from, int queries, int dim, float[] keys, float[] scores) {
        for (int key = 0; key < KEYS; key += 4 * LANES) {
            int k0 = vectorStart(key, dim);
            int k1 = vectorStart(key + LANES, dim);
            int k2 = vectorStart(key + 2 * LANES, dim);
            int k3 = vectorStart(key + 3 * LANES, dim);
            int query = 0;
            for (; query <= queries - 4; query += 4) {
                fourByFour(q, from + query * dim, dim, keys, k0, k1, k2, k3, scores, query * KEYS + key);
            }
            for (; query < queries; query++) {
                oneByFour(q, from + query * dim, dim, keys, k0, k1, k2, k3, scores, query * KEYS + key);
            }
        }
    }

    private static void fourByFour(float[] q, int at, int dim, float[] keys, int k0, int k1, int k2, int k3, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        FloatVector c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        FloatVector d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (int c = 0; c < dim; c++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, keys, k0 + c * GROUP);
            FloatVector w1 = FloatVector.fromArray(FLOATS, keys, k1 + c * GROUP);
            FloatVector w2 = FloatVector.fromArray(FLOATS, keys, k2 + c * GROUP);
            FloatVector w3 = FloatVector.fromArray(FLOATS, keys, k3 + c * GROUP);
            FloatVector v = FloatVector.broadcast(FLOATS, q[at + c]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, q[at + dim + c]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = FloatVector.broadcast(FLOATS, q[at + 2 * dim + c]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = FloatVector.broadcast(FLOATS, q[at + 3 * dim + c]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
        }
        a0.intoArray(scores, to);
        a1.intoArray(scores, to + LANES);
        a2.intoArray(scores, to + 2 * LANES);
        a3.intoArray(scores, to + 3 * LANES);
        b0.intoArray(scores, to + KEYS);
        b1.intoArray(scores, to + KEYS + LANES);
        b2.intoArray(scores, to + KEYS + 2 * LANES);
        b3.intoArray(scores, to + KEYS + 3 * LANES);
        c0.intoArray(scores, to + 2 * KEYS);
        c1.intoArray(scores, to + 2 * KEYS + LANES);
        c2.intoArray(scores, to + 2 * KEYS + 2 * LANES);
        c3.intoArray(scores, to + 2 * KEYS + 3 * LANES);
        d0.intoArray(scores, to + 3 * KEYS);
        d1.intoArray(scores, to + 3 * KEYS + LANES);
        d2.intoArray(scores, to + 3 * KEYS + 2 * LANES);
        d3.intoArray(scores, to + 3 * KEYS + 3 * LANES);
    }

    private static void oneByFour(float[] q, int at, int dim, float[] keys, int k0, int k1, int k2, int k3, float[] scores, int to) {
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        for (int c = 0; c < dim; c++) {
            FloatVector v = FloatVector.broadcast(FLOATS, q[at + c]);
            a0 = v.fma(FloatVector.fromArray(FLOATS, keys, k0 + c * GROUP), a0);
            a1 = v.fma(FloatVector.fromArray(FLOATS, keys, k1 + c * GROUP), a1);
            a2 = v.fma(FloatVector.fromArray(FLOATS, keys, k2 + c * GROUP), a2);
            a3 = v.fma(FloatVector.fromArray(FLOATS, keys, k3 + c * GROUP), a3);
        }
        a0.intoArray(scores, to);
        a1.intoArray(scores, to + LANES);
        a2.intoArray(scores, to + 2 * LANES);
        a3.intoArray(scores, to + 3 * LANES);
    }
}
