package dev.winnow.spi;

import java.util.Arrays;

/**
 * The unfinished result of softmax(QKᵀ)V over a part of the keys, for the rows of one tile. For each row it holds the largest score m (−∞ if no key was
 * kept), the denominator Σ e^(s−m) and the unnormalised output Σ e^(s−m)·v; scores s are scaled and soft-capped, in natural units. Two accumulators over
 * disjoint keys merge into the accumulator over their union (online softmax, Milakov and Gimelshein 2018).
 *
 * <p>Row r of a tile is {@code head · positionCount + query}. Not thread-safe.
 */
public final class AttentionAccumulator {

    private int rows;
    private int valueDim;
    private float[] max = new float[0]; // [rows]
    private float[] sum = new float[0]; // [rows]
    private float[] values = new float[0]; // [rows][valueDim]

    /** Empties the accumulator for a number of rows; memory is allocated only if it grows. */
    public void reset(int rows, int valueDim) {
        this.rows = rows;
        this.valueDim = valueDim;
        if (max.length < rows) {
            max = new float[rows];
            sum = new float[rows];
        }
        if (values.length < rows * valueDim) {
            values = new float[rows * valueDim];
        }
        Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0, rows, 0);
        Arrays.fill(values, 0, rows * valueDim, 0);
    }

    /** Returns the number of rows. */
    public int rows() {
        return rows;
    }

    /** Returns the dimension of a value. */
    public int valueDim() {
        return valueDim;
    }

    /** Returns the largest score of each row: [rows], possibly longer. */
    public float[] max() {
        return max;
    }

    /** Returns the denominator of each row: [rows], possibly longer. */
    public float[] sum() {
        return sum;
    }

    /** Returns the unnormalised outputs: [rows][valueDim], possibly longer. */
    public float[] values() {
        return values;
    }

    /** Adds the keys of another accumulator of the same shape. The order of merges decides the rounding, so callers keep it fixed. */
    public void merge(AttentionAccumulator other) {
        for (int row = 0; row < rows; row++) {
            float theirs = other.max[row];
            if (theirs == Float.NEGATIVE_INFINITY) {
                continue;
            }
            float ours = max[row];
            float top = Math.max(ours, theirs);
            float keep = ours == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(ours - top);
            float add = (float) Math.exp(theirs - top);
            max[row] = top;
            sum[row] = sum[row] * keep + other.sum[row] * add;
            int base = row * valueDim;
            for (int c = base; c < base + valueDim; c++) {
                values[c] = values[c] * keep + other.values[c] * add;
            }
        }
    }

    /**
     * Writes the finished output of a row; all zeros if no key was kept.
     *
     * @param sink a logit that joins the denominator without a value; −∞ for none
     */
    public void finish(int row, float sink, float[] target, int offset) {
        float top = Math.max(max[row], sink);
        float factor = 0;
        if (max[row] != Float.NEGATIVE_INFINITY) {
            float scale = (float) Math.exp(max[row] - top);
            float denominator = sum[row] * scale + (sink == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(sink - top));
            factor = scale / denominator;
        }
        int base = row * valueDim;
        for (int c = 0; c < valueDim; c++) {
            target[offset + c] = values[base + c] * factor;
        }
    }
}
