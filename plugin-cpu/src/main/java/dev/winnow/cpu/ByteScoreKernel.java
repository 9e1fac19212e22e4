package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scores of four rows with Q8_0 keys that are converted in registers, like {@link HalfScoreKernel} with F16 keys. Needs vectors of 8 or 16 lanes: there are no
 * vectors of 4 bytes.
 */
final class ByteScoreKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Byte> BYTES = PageReader.BYTES;
    private static final int LANES = VectorSupport.LANES;
    private static final ByteOrder ORDER = PageReader.ORDER;
    private static final int SCALE_DIMS = KeyValues.SCALE_DIMS;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final ValueLayout.OfInt WORD = PageTouch.WORD;

    private ByteScoreKernel() {}

    /**
     * Computes the scores of four rows with the 64 keys of a page.
     *
     * @param page    the key part of a page, native
     * @param ahead   position in the view of the page that is needed next, of which a word of each line is read here; the page's own for none
     * @param scales  the scales of the page in F32: [4 groups][scale groups][16]
     * @param queries [4][dim] at {@code queryAt}
     * @param scores  [4][64]
     * @return something that depends on what was read ahead
     */
    static int multiplyPage(MemorySegment page, long ahead, float[] scales, float[] queries, int queryAt, int dim, float[] scores) {
        if (LANES == GROUP) {
            return multiply4x4(page, ahead, scales, queries, queryAt, dim, scores);
        }
        int words = 0;
        for (int group = 0; group < BLOCK / GROUP; group++) {
            words ^= multiplyGroup(page, group, ahead + (long) GROUP * dim * group, scales, queries, queryAt, dim, scores, group * GROUP);
        }
        return words;
    }

    /**
     * Computes the scores of four rows with the 16 keys of a group, and writes them to the columns from {@code column} on, a multiple of 16; see {@link #multiplyPage}.
     *
     * @param scales the scales of the keys in these columns, where those of a page would be
     */
    static int multiplyGroup(MemorySegment page, int group, long ahead, float[] scales, float[] queries, int queryAt, int dim,
            float[] scores,
            int column) {
        int words = 0;
        for (int key = 0; key < GROUP; key += LANES) {
            words ^= multiply4x1(page, (long) GROUP * dim * group + key, ahead + key, scales, column * KeyValues.scaleGroups(dim) + key,
                    queries, queryAt, dim, scores, column + key);
        }
        return words;
    }

    /** Four rows × the four vectors of keys of a whole block. */
    private static int multiply4x4(MemorySegment page, long ahead, float[] scales, float[] q, int qAt, int dim, float[] s) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page);
        long step = (long) GROUP * dim;
        int scaleStep = GROUP * KeyValues.scaleGroups(dim);
        int q1At = qAt + dim;
        int q2At = q1At + dim;
        int q3At = q2At + dim;
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
        int words = 0;
        int scaleAt = 0;
        for (int from = 0; from < dim; from += SCALE_DIMS) {
            FloatVector scale0 = FloatVector.fromArray(FLOATS, scales, scaleAt);
            FloatVector scale1 = FloatVector.fromArray(FLOATS, scales, scaleAt + scaleStep);
            FloatVector scale2 = FloatVector.fromArray(FLOATS, scales, scaleAt + 2 * scaleStep);
            FloatVector scale3 = FloatVector.fromArray(FLOATS, scales, scaleAt + 3 * scaleStep);
            scaleAt += GROUP;
            int to = Math.min(from + SCALE_DIMS, dim);
            for (int c = from; c < to; c++) {
                long at = base + (long) GROUP * c;
                words ^= view.get(WORD, ahead + 4L * LANES * c);
                FloatVector k0 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, at, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale0);
                FloatVector k1 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, at + step, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale1);
                FloatVector k2 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, at + 2 * step, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale2);
                FloatVector k3 = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, at + 3 * step, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale3);
                FloatVector row = FloatVector.broadcast(FLOATS, q[qAt + c]);
                s00 = row.fma(k0, s00);
                s01 = row.fma(k1, s01);
                s02 = row.fma(k2, s02);
                s03 = row.fma(k3, s03);
                row = FloatVector.broadcast(FLOATS, q[q1At + c]);
                s10 = row.fma(k0, s10);
                s11 = row.fma(k1, s11);
                s12 = row.fma(k2, s12);
                s13 = row.fma(k3, s13);
                row = FloatVector.broadcast(FLOATS, q[q2At + c]);
                s20 = row.fma(k0, s20);
                s21 = row.fma(k1, s21);
                s22 = row.fma(k2, s22);
                s23 = row.fma(k3, s23);
                row = FloatVector.broadcast(FLOATS, q[q3At + c]);
                s30 = row.fma(k0, s30);
                s31 = row.fma(k1, s31);
                s32 = row.fma(k2, s32);
                s33 = row.fma(k3, s33);
            }
        }
        s00.intoArray(s, 0);
        s01.intoArray(s, LANES);
        s02.intoArray(s, 2 * LANES);
        s03.intoArray(s, 3 * LANES);
        s10.intoArray(s, BLOCK);
        s11.intoArray(s, BLOCK + LANES);
        s12.intoArray(s, BLOCK + 2 * LANES);
        s13.intoArray(s, BLOCK + 3 * LANES);
        s20.intoArray(s, 2 * BLOCK);
        s21.intoArray(s, 2 * BLOCK + LANES);
        s22.intoArray(s, 2 * BLOCK + 2 * LANES);
        s23.intoArray(s, 2 * BLOCK + 3 * LANES);
        s30.intoArray(s, 3 * BLOCK);
        s31.intoArray(s, 3 * BLOCK + LANES);
        s32.intoArray(s, 3 * BLOCK + 2 * LANES);
        s33.intoArray(s, 3 * BLOCK + 3 * LANES);
        return words;
    }

    /** Four rows × one vector of keys. */
    private static int multiply4x1(MemorySegment page, long offset, long ahead, float[] scales, int firstScaleAt, float[] q, int qAt,
            int dim,
            float[] s, int sAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
        int words = 0;
        int scaleAt = firstScaleAt;
        int q1At = qAt + dim;
        int q2At = q1At + dim;
        int q3At = q2At + dim;
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int from = 0; from < dim; from += SCALE_DIMS) {
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, scaleAt);
            scaleAt += GROUP;
            int to = Math.min(from + SCALE_DIMS, dim);
            for (int c = from; c < to; c++) {
                words ^= view.get(WORD, ahead + (long) GROUP * c);
                FloatVector k = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, base + (long) GROUP * c, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale);
                s0 = FloatVector.broadcast(FLOATS, q[qAt + c]).fma(k, s0);
                s1 = FloatVector.broadcast(FLOATS, q[q1At + c]).fma(k, s1);
                s2 = FloatVector.broadcast(FLOATS, q[q2At + c]).fma(k, s2);
                s3 = FloatVector.broadcast(FLOATS, q[q3At + c]).fma(k, s3);
            }
        }
        s0.intoArray(s, sAt);
        s1.intoArray(s, sAt + BLOCK);
        s2.intoArray(s, sAt + 2 * BLOCK);
        s3.intoArray(s, sAt + 3 * BLOCK);
        return words;
    }
}
