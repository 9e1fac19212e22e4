package dev.winnow.cpu;

import dev.winnow.spi.KeyValues;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The online softmax of one row and one panel of 64 scores (Milakov and Gimelshein 2018). */
final class SoftmaxKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int KEYS = KeyValues.PAGE_KEYS;

    private SoftmaxKernel() {}

    /**
     * Turns the scores of a row into weights e^(s − m) in place, m being the largest score so far, and updates maximum and sum.
     *
     * @param word which of the 64 keys the row keeps; all other weights become 0
     * @param row  index into {@code max} and {@code sum}
     * @return the factor by which the row's outputs so far shrink
     */
    static float row(float[] scores, int at, long word, float softcap, float[] max, float[] sum, int row) {
        if (softcap != 0) {
            for (int key = at; key < at + KEYS; key += LANES) {
                VectorMath.tanh(FloatVector.fromArray(FLOATS, scores, key).div(softcap)).mul(softcap).intoArray(scores, key);
            }
        }
        if (word != -1L) {
            hide(scores, at, word, Float.NEGATIVE_INFINITY);
        }
        FloatVector top = FloatVector.fromArray(FLOATS, scores, at);
        for (int key = LANES; key < KEYS; key += LANES) {
            top = top.max(FloatVector.fromArray(FLOATS, scores, at + key));
        }
        float before = max[row];
        float now = Math.max(before, top.reduceLanes(VectorOperators.MAX));
        if (now == Float.NEGATIVE_INFINITY) {
            java.util.Arrays.fill(scores, at, at + KEYS, 0);
            return 1;
        }
        FloatVector total = FloatVector.zero(FLOATS);
        for (int key = at; key < at + KEYS; key += LANES) {
            FloatVector weight = VectorMath.exp(FloatVector.fromArray(FLOATS, scores, key).sub(now));
            weight.intoArray(scores, key);
            total = total.add(weight);
        }
        if (word != -1L) {
            hide(scores, at, word, 0);
            total = FloatVector.zero(FLOATS);
            for (int key = at; key < at + KEYS; key += LANES) {
                total = total.add(FloatVector.fromArray(FLOATS, scores, key));
            }
        }
        float factor = before == now ? 1 : before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(before - now);
        max[row] = now;
        sum[row] = sum[row] * factor + total.reduceLanes(VectorOperators.ADD);
        return factor;
    }

    private static void hide(float[] scores, int at, long word, float value) {
        for (int key = 0; key < KEYS; key += LANES) {
            VectorMask<Float> kept = VectorMask.fromLong(FLOATS, word >>> key);
            FloatVector.broadcast(FLOATS, value).blend(FloatVector.fromArray(FLOATS, scores, at + key), kept).intoArray(scores, at + key);
        }
    }
}
