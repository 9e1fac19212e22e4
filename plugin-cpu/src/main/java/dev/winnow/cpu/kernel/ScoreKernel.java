package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * QKᵀ for one block of 64 keys. The lanes of a vector are keys, so a product is a chain of multiply-adds with a broadcast query element and no sum over lanes.
 */
public final class ScoreKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    /** Keys of a tile: two vectors. */
    private static final int TILE_KEYS = 2 * LANES;

    private ScoreKernel() {}

    /**
     * Computes the scores of {@code rows} queries with the 64 keys of a block.
     *
     * @param queries [rows][dim] at {@code queryAt}, interleaved in {@link RowTiles}
     * @param rows    a number that {@link RowTiles#roundUp} returns
     * @param keys    [4 groups][dim][16]
     * @param scores  [rows][64]
     */
    public static void multiply(float[] queries, int queryAt, int rows, float[] keys, int dim, float[] scores) {
        for (int row = 0; row < rows;) {
            int tileRows = RowTiles.rowsOfNext(rows - row);
            for (int key = 0; key < BLOCK; key += TILE_KEYS) {
                int at = key / GROUP * dim * GROUP + key % GROUP;
                if (tileRows > RowTiles.FEW) {
                    multiply6x2(queries, queryAt + row * dim, keys, at, step(dim), dim, scores, row * BLOCK + key);
                } else {
                    multiply4x2(queries, queryAt + row * dim, keys, at, step(dim), dim, scores, row * BLOCK + key);
                }
            }
            row += tileRows;
        }
    }

    /** Returns the distance of a vector of keys from the next. */
    private static int step(int dim) {
        return LANES == GROUP ? dim * GROUP : LANES;
    }

    /**
     * Computes the scores of four queries with those groups of 16 keys that have a live key.
     *
     * @param queries [4][dim] at {@code queryAt}, interleaved as one of {@link RowTiles}
     * @param keys    [4 groups][dim][16]
     * @param live    bit j is set if key j is needed
     * @param scores  [4][64], of which the columns of the groups are written
     */
    public static void multiplyLive(float[] queries, int queryAt, float[] keys, long live, int dim, float[] scores) {
        if (live == -1L) {
            multiply(queries, queryAt, RowTiles.FEW, keys, dim, scores);
            return;
        }
        for (int group = 0; group < BLOCK; group += GROUP) {
            if ((live >>> group & GROUP_BITS) != 0) {
                if (LANES == GROUP) {
                    multiply4x1(queries, queryAt, keys, group * dim, dim, scores, group);
                }
                for (int key = 0; LANES < GROUP && key < GROUP; key += TILE_KEYS) {
                    multiply4x2(queries, queryAt, keys, group * dim + key, LANES, dim, scores, group + key);
                }
            }
        }
    }

    /** Six rows × two vectors of keys, which are {@code step} elements apart. */
    private static void multiply6x2(float[] q, int qAt, float[] k, int kAt, int step, int dim, float[] s, int sAt) {
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        FloatVector s40 = s00;
        FloatVector s41 = s00;
        FloatVector s50 = s00;
        FloatVector s51 = s00;
        for (int c = 0; c < dim; c++) {
            int at = kAt + c * GROUP;
            int queries = qAt + c * 6;
            FloatVector k0 = FloatVector.fromArray(FLOATS, k, at);
            FloatVector k1 = FloatVector.fromArray(FLOATS, k, at + step);
            FloatVector row = FloatVector.broadcast(FLOATS, q[queries]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            row = FloatVector.broadcast(FLOATS, q[queries + 1]);
            s10 = row.fma(k0, s10);
            s11 = row.fma(k1, s11);
            row = FloatVector.broadcast(FLOATS, q[queries + 2]);
            s20 = row.fma(k0, s20);
            s21 = row.fma(k1, s21);
            row = FloatVector.broadcast(FLOATS, q[queries + 3]);
            s30 = row.fma(k0, s30);
            s31 = row.fma(k1, s31);
            row = FloatVector.broadcast(FLOATS, q[queries + 4]);
            s40 = row.fma(k0, s40);
            s41 = row.fma(k1, s41);
            row = FloatVector.broadcast(FLOATS, q[queries + 5]);
            s50 = row.fma(k0, s50);
            s51 = row.fma(k1, s51);
        }
        s00.intoArray(s, sAt);
        s01.intoArray(s, sAt + LANES);
        s10.intoArray(s, sAt + BLOCK);
        s11.intoArray(s, sAt + BLOCK + LANES);
        s20.intoArray(s, sAt + 2 * BLOCK);
        s21.intoArray(s, sAt + 2 * BLOCK + LANES);
        s30.intoArray(s, sAt + 3 * BLOCK);
        s31.intoArray(s, sAt + 3 * BLOCK + LANES);
        s40.intoArray(s, sAt + 4 * BLOCK);
        s41.intoArray(s, sAt + 4 * BLOCK + LANES);
        s50.intoArray(s, sAt + 5 * BLOCK);
        s51.intoArray(s, sAt + 5 * BLOCK + LANES);
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
            int queries = qAt + c * 4;
            FloatVector k0 = FloatVector.fromArray(FLOATS, k, at);
            FloatVector k1 = FloatVector.fromArray(FLOATS, k, at + step);
            FloatVector row = FloatVector.broadcast(FLOATS, q[queries]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            row = FloatVector.broadcast(FLOATS, q[queries + 1]);
            s10 = row.fma(k0, s10);
            s11 = row.fma(k1, s11);
            row = FloatVector.broadcast(FLOATS, q[queries + 2]);
            s20 = row.fma(k0, s20);
            s21 = row.fma(k1, s21);
            row = FloatVector.broadcast(FLOATS, q[queries + 3]);
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
            s0 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c]).fma(key, s0);
            s1 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 1]).fma(key, s1);
            s2 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 2]).fma(key, s2);
            s3 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 3]).fma(key, s3);
            key = FloatVector.fromArray(FLOATS, k, kAt + c * GROUP + GROUP);
            t0 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 4]).fma(key, t0);
            t1 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 5]).fma(key, t1);
            t2 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 6]).fma(key, t2);
            t3 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 7]).fma(key, t3);
        }
        if (c < dim) {
            FloatVector key = FloatVector.fromArray(FLOATS, k, kAt + c * GROUP);
            s0 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c]).fma(key, s0);
            s1 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 1]).fma(key, s1);
            s2 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 2]).fma(key, s2);
            s3 = FloatVector.broadcast(FLOATS, q[qAt + 4 * c + 3]).fma(key, s3);
        }
        s0.add(t0).intoArray(s, sAt);
        s1.add(t1).intoArray(s, sAt + BLOCK);
        s2.add(t2).intoArray(s, sAt + 2 * BLOCK);
        s3.add(t3).intoArray(s, sAt + 3 * BLOCK);
    }
}
