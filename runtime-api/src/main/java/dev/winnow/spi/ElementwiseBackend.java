package dev.winnow.spi;

/** Norms, RoPE, activations, softmax and sums over F32 vectors. Stateless and thread-safe; allocates nothing. */
public interface ElementwiseBackend {

    /**
     * RMS norm: {@code out[i] = x[i] / √(Σx²/n + epsilon) · weight[i]} (Zhang and Sennrich 2019). {@code out} may be {@code x} at the same offset.
     *
     * @param weight [n]
     */
    void rmsNorm(float[] x, int xOffset, float[] weight, int n, float epsilon, float[] out, int outOffset);

    /**
     * Rotates one head in place: for each pair p of {@code dims/2}, {@code (a, b) ← (a·cos_p − b·sin_p, a·sin_p + b·cos_p)}.
     *
     * @param table the cosines of one position followed by its sines: [2][dims/2] at {@code tableOffset}
     */
    void rope(RopeStyle style, float[] x, int xOffset, int dims, float[] table, int tableOffset);

    /** Gated activation in place: {@code gate[i] ← f(gate[i]) · up[i]}. */
    void gate(Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, int n);

    /** Sum in place: {@code x[i] ← x[i] + y[i]}. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** Product with a number, in place: {@code x[i] ← x[i] · factor}. */
    void scale(float[] x, int xOffset, int n, float factor);

    /** Multiply-add in place: {@code x[i] ← x[i] + y[i] · factor}. */
    void addScaled(float[] x, int xOffset, float[] y, int yOffset, int n, float factor);

    /** Soft-capping in place: {@code x[i] ← cap · tanh(x[i] / cap)}. */
    void softcap(float[] x, int xOffset, int n, float cap);

    /**
     * Adds the softmax of scores to sums, of which each belongs to {@code group} neighbouring scores:
     * {@code sums[g] ← sums[g] + Σ_{i in group g} e^(x[i] − max x) / Σ_j e^(x[j] − max x)}. Scores of −∞ have no weight; if all are −∞, nothing is added. A NaN makes
     * all sums NaN. Mask refiners weigh keys with it; see {@link RefinerContext}.
     *
     * @param x     scores; overwritten
     * @param group scores of a sum, at least 1; the last sum may have fewer
     * @param sums  {@code ⌈n / group⌉} sums from {@code sumsOffset} on
     */
    default void addSoftmax(float[] x, int xOffset, int n, int group, float[] sums, int sumsOffset) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = xOffset; i < xOffset + n; i++) {
            max = Math.max(max, x[i]);
        }
        if (max == Float.NEGATIVE_INFINITY) {
            return;
        }
        double total = 0;
        for (int i = xOffset; i < xOffset + n; i++) {
            x[i] = (float) Math.exp(x[i] - max);
            total += x[i];
        }
        for (int i = 0; i < n; i++) {
            sums[sumsOffset + i / group] += (float) (x[xOffset + i] / total);
        }
    }
}
