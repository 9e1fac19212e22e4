package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scores of up to four rows with F16 keys that are converted in registers on their way from memory: with few rows a copy in F32 would be written and read again for
 * little use. The lanes of a vector are keys.
 *
 * <p>The conversion moves exponent and mantissa into the places of an F32, where the number reads too small by 2^112. Half of the factor is multiplied to the
 * queries before, the other half to the result, so that neither leaves the range of F32; powers of two do not round.
 */
public final class HalfScoreKernel {

    /** The queries are to be multiplied by this. */
    public static final float QUERY_FACTOR = 0x1p56f;

    private static final float RESULT_FACTOR = 0x1p56f;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Short> SHORTS = PageReader.SHORTS;
    private static final int LANES = VectorSupport.LANES;
    private static final ByteOrder ORDER = PageReader.ORDER;
    private static final int SHIFT = PageReader.F16_SHIFT;
    private static final int MASK = Halves.SIGN_AND_MAGNITUDE;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private HalfScoreKernel() {}

    /**
     * Computes the scores of some rows with the 64 keys of a page.
     *
     * @param page    the key part of a page, native
     * @param queries [4][dim] at {@code queryAt}, interleaved as one of {@link RowTiles}, multiplied by {@link #QUERY_FACTOR}
     * @param rows    1 … 4; the branches on it are the same in all turns of a loop, out of which the compiler takes them
     * @param scores  [4][64] at {@code scoreAt}, of which those of other rows become 0
     */
    public static void multiplyPage(MemorySegment page, float[] queries, int queryAt, int dim, int rows, float[] scores, int scoreAt) {
        for (int group = 0; group < BLOCK / GROUP; group++) {
            multiplyGroup(page, group, queries, queryAt, dim, rows, scores, scoreAt + group * GROUP);
        }
    }

    /** Computes the scores of some rows with the 16 keys of a group, and writes them to the columns from {@code column} on; see {@link #multiplyPage}. */
    public static void multiplyGroup(MemorySegment page, int group, float[] queries, int queryAt, int dim, int rows, float[] scores,
            int column) {
        long offset = 2L * GROUP * dim * group;
        switch (LANES) {
            case 16 -> multiply4x1(page, offset, queries, queryAt, dim, rows, scores, column);
            case 8 -> multiply4x2(page, offset, queries, queryAt, dim, rows, scores, column);
            default -> {
                if (VectorSupport.MANY_REGISTERS) {
                    multiply4x4(page, offset, queries, queryAt, dim, rows, scores, column);
                } else {
                    multiply4x2(page, offset, queries, queryAt, dim, rows, scores, column);
                    multiply4x2(page, offset + 4 * LANES, queries, queryAt, dim, rows, scores, column + 2 * LANES);
                }
            }
        }
    }

    /** Up to four rows × four vectors of keys, which are neighbours. */
    private static void multiply4x4(MemorySegment page, long offset, float[] q, int qAt, int dim, int rows, float[] s, int sAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
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
            long at = base + 2L * GROUP * c;
            int queries = qAt + 4 * c;
            FloatVector k0 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector k1 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at + 2 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector k2 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at + 4 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector k3 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at + 6 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector row = FloatVector.broadcast(FLOATS, q[queries]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            s02 = row.fma(k2, s02);
            s03 = row.fma(k3, s03);
            if (rows > 1) {
                row = FloatVector.broadcast(FLOATS, q[queries + 1]);
                s10 = row.fma(k0, s10);
                s11 = row.fma(k1, s11);
                s12 = row.fma(k2, s12);
                s13 = row.fma(k3, s13);
            }
            if (rows > 2) {
                row = FloatVector.broadcast(FLOATS, q[queries + 2]);
                s20 = row.fma(k0, s20);
                s21 = row.fma(k1, s21);
                s22 = row.fma(k2, s22);
                s23 = row.fma(k3, s23);
            }
            if (rows > 3) {
                row = FloatVector.broadcast(FLOATS, q[queries + 3]);
                s30 = row.fma(k0, s30);
                s31 = row.fma(k1, s31);
                s32 = row.fma(k2, s32);
                s33 = row.fma(k3, s33);
            }
        }
        s00.mul(RESULT_FACTOR).intoArray(s, sAt);
        s01.mul(RESULT_FACTOR).intoArray(s, sAt + LANES);
        s02.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * LANES);
        s03.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * LANES);
        s10.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK);
        s11.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK + LANES);
        s12.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK + 2 * LANES);
        s13.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK + 3 * LANES);
        s20.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK);
        s21.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK + LANES);
        s22.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK + 2 * LANES);
        s23.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK + 3 * LANES);
        s30.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK);
        s31.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK + LANES);
        s32.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK + 2 * LANES);
        s33.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK + 3 * LANES);
    }

    /** Up to four rows × two vectors of keys, which are neighbours. */
    private static void multiply4x2(MemorySegment page, long offset, float[] q, int qAt, int dim, int rows, float[] s, int sAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        for (int c = 0; c < dim; c++) {
            long at = base + 2L * GROUP * c;
            int queries = qAt + 4 * c;
            FloatVector k0 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector k1 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at + 2 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector row = FloatVector.broadcast(FLOATS, q[queries]);
            s00 = row.fma(k0, s00);
            s01 = row.fma(k1, s01);
            if (rows > 1) {
                row = FloatVector.broadcast(FLOATS, q[queries + 1]);
                s10 = row.fma(k0, s10);
                s11 = row.fma(k1, s11);
            }
            if (rows > 2) {
                row = FloatVector.broadcast(FLOATS, q[queries + 2]);
                s20 = row.fma(k0, s20);
                s21 = row.fma(k1, s21);
            }
            if (rows > 3) {
                row = FloatVector.broadcast(FLOATS, q[queries + 3]);
                s30 = row.fma(k0, s30);
                s31 = row.fma(k1, s31);
            }
        }
        s00.mul(RESULT_FACTOR).intoArray(s, sAt);
        s01.mul(RESULT_FACTOR).intoArray(s, sAt + LANES);
        s10.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK);
        s11.mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK + LANES);
        s20.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK);
        s21.mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK + LANES);
        s30.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK);
        s31.mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK + LANES);
    }

    /** Up to four rows × one vector of keys, with two sums each to hide the latency of the multiply-add. */
    private static void multiply4x1(MemorySegment page, long offset, float[] q, int qAt, int dim, int rows, float[] s, int sAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
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
            long at = base + 2L * GROUP * c;
            int queries = qAt + 4 * c;
            FloatVector k = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector l = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, at + 2L * GROUP, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            s0 = FloatVector.broadcast(FLOATS, q[queries]).fma(k, s0);
            t0 = FloatVector.broadcast(FLOATS, q[queries + 4]).fma(l, t0);
            if (rows > 1) {
                s1 = FloatVector.broadcast(FLOATS, q[queries + 1]).fma(k, s1);
                t1 = FloatVector.broadcast(FLOATS, q[queries + 5]).fma(l, t1);
            }
            if (rows > 2) {
                s2 = FloatVector.broadcast(FLOATS, q[queries + 2]).fma(k, s2);
                t2 = FloatVector.broadcast(FLOATS, q[queries + 6]).fma(l, t2);
            }
            if (rows > 3) {
                s3 = FloatVector.broadcast(FLOATS, q[queries + 3]).fma(k, s3);
                t3 = FloatVector.broadcast(FLOATS, q[queries + 7]).fma(l, t3);
            }
        }
        if (c < dim) {
            int queries = qAt + 4 * c;
            FloatVector k = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, base + 2L * GROUP * c, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT)
                    .lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            s0 = FloatVector.broadcast(FLOATS, q[queries]).fma(k, s0);
            if (rows > 1) {
                s1 = FloatVector.broadcast(FLOATS, q[queries + 1]).fma(k, s1);
            }
            if (rows > 2) {
                s2 = FloatVector.broadcast(FLOATS, q[queries + 2]).fma(k, s2);
            }
            if (rows > 3) {
                s3 = FloatVector.broadcast(FLOATS, q[queries + 3]).fma(k, s3);
            }
        }
        s0.add(t0).mul(RESULT_FACTOR).intoArray(s, sAt);
        s1.add(t1).mul(RESULT_FACTOR).intoArray(s, sAt + BLOCK);
        s2.add(t2).mul(RESULT_FACTOR).intoArray(s, sAt + 2 * BLOCK);
        s3.add(t3).mul(RESULT_FACTOR).intoArray(s, sAt + 3 * BLOCK);
    }
}
