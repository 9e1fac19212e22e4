package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * QKᵀ for one block of 64 keys. The lanes of a vector are keys, so a product is a chain of multiply-adds with a broadcast query element and no sum over lanes.
 */
final class ScoreKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    /** Vectors of keys in a tile. CPUs with 256-bit vectors have 16 registers: 4 × 2 sums fit beside their operands, 4 × 4 do not. */
    private static final int TILE_VECTORS = LANES == 8 ? 2 : 4;

    private ScoreKernel() {}

    /**
     * Computes the scores of {@code rows} queries, a multiple of {@link AttentionScratch#ROW_TILE}, with the 64 keys of a block.
     *
     * @param queries [rows][dim] at {@code queryAt}
     * @param keys    [4 groups][dim][16]
     * @param scores  [rows][64]
     */
    static void multiply(float[] queries, int queryAt, int rows, float[] keys, int dim, float[] scores) {
        for (int row = 0; row < rows; row += AttentionScratch.ROW_TILE) {
            for (int key = 0; key < BLOCK; key += TILE_VECTORS * LANES) {
                int at = key / GROUP * dim * GROUP + key % GROUP;
                if (TILE_VECTORS == 4) {
                    multiply4x4(queries, queryAt + row * dim, keys, at, LANES == GROUP ? dim * GROUP : LANES, dim, scores,
                            row * BLOCK + key);
                } else {
                    multiply4x2(queries, queryAt + row * dim, keys, at, LANES, dim, scores, row * BLOCK + key);
                }
            }
        }
    }

    /**
     * Computes the scores of four queries with those groups of 16 keys that have a live key.
     *
     * @param queries [4][dim] at {@code queryAt}
     * @param keys    [4 groups][dim][16]
     * @param live    bit j is set if key j is needed
     * @param scores  [4][64], of which the columns of the groups are written
     */
    static void multiplyLive(float[] queries, int queryAt, float[] keys, long live, int dim, float[] scores) {
        if (live == -1L) {
            multiply(queries, queryAt, AttentionScratch.ROW_TILE, keys, dim, scores);
            return;
        }
        for (int key = 0; key < BLOCK; key += GROUP) {
            if ((live >>> key & GROUP_BITS) != 0) {
                switch (LANES) {
                    case 16 -> multiply4x1(queries, queryAt, keys, key * dim, dim, scores, key);
                    case 8 -> multiply4x2(queries, queryAt, keys, key * dim, LANES, dim, scores, key);
                    default -> multiply4x4(queries, queryAt, keys, key * dim, LANES, dim, scores, key);
                }
            }
        }
    }

    /** Four rows × four vectors of keys, which are {@code step} elements apart. */
    private static void multiply4x4(float[] q, int qAt, float[] k, int kAt, int step, int dim, float[] s, int sAt) {
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = s00;
        FloatVector s02 = s00;
        FloatVector s03 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s12 = s00;
        FloatVector s13 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s22 = s00;
        FloatVector s23 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        FloatVector s32 = s00;
        FloatVector s33 = s00;
        for (int c = 0; c < dim; c++) {
            int at = kAt + c * GROUP;
            FloatVector k0 = FloatVector.fromArray(FLOATS, k, at);
            FloatVector k1 = FloatVector.fromArray(FLOATS, k, at + step);
            FloatVector k2 = FloatVector.fromArray(FLOATS, k, at + 2 * step);
            FloatVector k3 = FloatVector.fromArray(FLOATS, k, at + 3 * step);
            FloatVector row = FloatVector.broadcast(FLOATS, q[qAt + c]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            s02 = row.fma(k2, s02);
            s03 = row.fma(k3, s03);
            row = FloatVector.broadcast(FLOATS, q[qAt + dim + c]);
            s10 = row.fma(k0, s10);
            s11 = row.fma(k1, s11);
            s12 = row.fma(k2, s12);
            s13 = row.fma(k3, s13);
            row = FloatVector.broadcast(FLOATS, q[qAt + 2 * dim + c]);
            s20 = row.fma(k0, s20);
            s21 = row.fma(k1, s21);
            s22 = row.fma(k2, s22);
            s23 = row.fma(k3, s23);
            row = FloatVector.broadcast(FLOATS, q[qAt + 3 * dim + c]);
            s30 = row.fma(k0, s30);
            s31 = row.fma(k1, s31);
            s32 = row.fma(k2, s32);
            s33 = row.fma(k3, s33);
        }
        s00.intoArray(s, sAt);
        s01.intoArray(s, sAt + LANES);
        s02.intoArray(s, sAt + 2 * LANES);
        s03.intoArray(s, sAt + 3 * LANES);
        s10.intoArray(s, sAt + BLOCK);
        s11.intoArray(s, sAt + BLOCK + LANES);
        s12.intoArray(s, sAt + BLOCK + 2 * LANES);
        s13.intoArray(s, sAt + BLOCK + 3 * LANES);
        s20.intoArray(s, sAt + 2 * BLOCK);
        s21.intoArray(s, sAt + 2 * BLOCK + LANES);
        s22.intoArray(s, sAt + 2 * BLOCK + 2 * LANES);
        s23.intoArray(s, sAt + 2 * BLOCK + 3 * LANES);
        s30.intoArray(s, sAt + 3 * BLOCK);
        s31.intoArray(s, sAt + 3 * BLOCK + LANES);
        s32.intoArray(s, sAt + 3 * BLOCK + 2 * LANES);
        s33.intoArray(s, sAt + 3 * BLOCK + 3 * LANES);
    }

    /** Four rows × two vectors of keys, which are {@code step} elements apart. */
    private static void multiply4x2(float[] q, int qAt, float[] k, int kAt, int step, int dim, float[] s, int sAt) {
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        for (int c = 0; c < dim; c++) {
            int at = kAt + c * GROUP;
            FloatVector k0 = FloatVector.fromArray(FLOATS, k, at);
            FloatVector k1 = FloatVector.fromArray(FLOATS, k, at + step);
            FloatVector row = FloatVector.broadcast(FLOATS, q[qAt + c]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            row = FloatVector.broadcast(FLOATS, q[qAt + dim + c]);
            s10 = row.fma(k0, s10);
            s11 = row.fma(k1, s11);
            row = FloatVector.broadcast(FLOATS, q[qAt + 2 * dim + c]);
            s20 = row.fma(k0, s20);
            s21 = row.fma(k1, s21);
            row = FloatVector.broadcast(FLOATS, q[qAt + 3 * dim + c]);
            s30 = row.fma(k0, s30);
            s31 = row.fma(k1, s31);
        }
        s00.intoArray(s, sAt);
        s01.intoArray(s, sAt + LANES);
        s10.intoArray(s, sAt + BLOCK);
        s11.intoArray(s, sAt + BLOCK + LANES);
        s20.intoArray(s, sAt + 2 * BLOCK);
        s21.intoArray(s, sAt + 2 * BLOCK + LANES);
        s30.intoArray(s, sAt + 3 * BLOCK);
        s31.intoArray(s, sAt + 3 * BLOCK + LANES);
    }

    /** Four rows × one vector of keys, with two sums each to hide the latency of the multiply-add. */
    private static void multiply4x1(float[] q, int qAt, float[] k, int kAt, int dim, float[] s, int sAt) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector t0 = s0;
        FloatVector t1 = s0;
        FloatVector t2 = s0;
        FloatVector t3 = s0;
        int c = 0;
        for (; c < dim - 1; c += 2) {
            FloatVector key = FloatVector.fromArray(FLOATS, k, kAt + c * GROUP);
            s0 = FloatVector.broadcast(FLOATS, q[qAt + c]).fma(key, s0);
            s1 = FloatVector.broadcast(FLOATS, q[qAt + dim + c]).fma(key, s1);
            s2 = FloatVector.broadcast(FLOATS, q[qAt + 2 * dim + c]).fma(key, s2);
            s3 = FloatVector.broadcast(FLOATS, q[qAt + 3 * dim + c]).fma(key, s3);
            key = FloatVector.fromArray(FLOATS, k, kAt + c * GROUP + GROUP);
            t0 = FloatVector.broadcast(FLOATS, q[qAt + c + 1]).fma(key, t0);
            t1 = FloatVector.broadcast(FLOATS, q[qAt + dim + c + 1]).fma(key, t1);
            t2 = FloatVector.broadcast(FLOATS, q[qAt + 2 * dim + c + 1]).fma(key, t2);
            t3 = FloatVector.broadcast(FLOATS, q[qAt + 3 * dim + c + 1]).fma(key, t3);
        }
        if (c < dim) {
            FloatVector key = FloatVector.fromArray(FLOATS, k, kAt + c * GROUP);
            s0 = FloatVector.broadcast(FLOATS, q[qAt + c]).fma(key, s0);
            s1 = FloatVector.broadcast(FLOATS, q[qAt + dim + c]).fma(key, s1);
            s2 = FloatVector.broadcast(FLOATS, q[qAt + 2 * dim + c]).fma(key, s2);
            s3 = FloatVector.broadcast(FLOATS, q[qAt + 3 * dim + c]).fma(key, s3);
        }
        s0.add(t0).intoArray(s, sAt);
        s1.add(t1).intoArray(s, sAt + BLOCK);
        s2.add(t2).intoArray(s, sAt + 2 * BLOCK);
        s3.add(t3).intoArray(s, sAt + 3 * BLOCK);
    }
}
