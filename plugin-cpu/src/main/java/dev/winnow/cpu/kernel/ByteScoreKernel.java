package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Scores of up to four rows with Q8_0 keys that are converted in registers, like {@link HalfScoreKernel} with F16 keys. Needs vectors of 8 or 16 lanes: there are no
 * vectors of 4 bytes.
 */
public final class ByteScoreKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Byte> BYTES = PageReader.BYTES;
    private static final int LANES = VectorSupport.LANES;
    private static final ByteOrder ORDER = PageReader.ORDER;
    private static final int SCALE_DIMS = KeyValues.SCALE_DIMS;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private ByteScoreKernel() {}

    /**
     * Computes the scores of some rows with the 16 keys of a group, and writes them to the columns from {@code column} on, a multiple of 16.
     *
     * @param page    the key part of a page, native
     * @param scales  the scales of the keys in these columns, in F32, where those of a page would be: [4 groups][scale groups][16]
     * @param queries [4][dim] at {@code queryAt}, interleaved as one of {@link RowTiles}
     * @param rows    1 … 4
     * @param scores  [4][64], of which those of other rows become 0
     */
    public static void multiplyGroup(MemorySegment page, int group, float[] scales, float[] queries, int queryAt, int dim, int rows,
            float[] scores,
            int column) {
        for (int key = 0; key < GROUP; key += LANES) {
            multiply4x1(page, (long) GROUP * dim * group + key, scales, column * KeyValues.scaleGroups(dim) + key, queries, queryAt, dim,
                    rows, scores, column + key);
        }
    }

    /** Up to four rows × one vector of keys. */
    private static void multiply4x1(MemorySegment page, long offset, float[] scales, int firstScaleAt, float[] q, int qAt, int dim,
            int rows, float[] s, int sAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + offset;
        int scaleAt = firstScaleAt;
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int from = 0; from < dim; from += SCALE_DIMS) {
            FloatVector scale = FloatVector.fromArray(FLOATS, scales, scaleAt);
            scaleAt += GROUP;
            int to = Math.min(from + SCALE_DIMS, dim);
            for (int c = from; c < to; c++) {
                int queries = qAt + 4 * c;
                FloatVector k = ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, base + (long) GROUP * c, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0)).mul(scale);
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
        }
        s0.intoArray(s, sAt);
        s1.intoArray(s, sAt + BLOCK);
        s2.intoArray(s, sAt + 2 * BLOCK);
        s3.intoArray(s, sAt + 3 * BLOCK);
    }
}
