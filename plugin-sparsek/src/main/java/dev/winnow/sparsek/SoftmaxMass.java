package dev.winnow.sparsek;

/** Softmax over estimated scores, summed up by page. */
final class SoftmaxMass {

    private static final float LOG2_E = 1.44269504f;

    private SoftmaxMass() {}

    /** Brings products q·k to the scale of attention scores: {@code x · scale}, then soft-capped if {@code cap} is not 0. In place. */
    static void toScores(float[] products, int offset, int n, float scale, float cap) {
        for (int i = offset; i < offset + n; i++) {
            products[i] *= scale;
        }
        if (cap != 0) {
            for (int i = offset; i < offset + n; i++) {
                products[i] = cap * (float) Math.tanh(products[i] / cap);
            }
        }
    }

    /**
     * Adds the softmax of a row of scores to the masses of pages; the scores are overwritten. Scores of −∞ have no mass.
     *
     * @param n       number of scores, at {@code scores[offset …]}
     * @param perPage neighbouring scores that belong to one page
     * @param mass    receives the sums, from {@code mass[massOffset]} on
     */
    static void add(float[] scores, int offset, int n, int perPage, float[] mass, int massOffset) {
        float top = Float.NEGATIVE_INFINITY;
        for (int i = offset; i < offset + n; i++) {
            top = Math.max(top, scores[i]);
        }
        if (top == Float.NEGATIVE_INFINITY) {
            return;
        }
        for (int i = offset; i < offset + n; i++) {
            scores[i] = exp(scores[i] - top);
        }
        float sum = 0;
        for (int i = offset; i < offset + n; i++) {
            sum += scores[i];
        }
        float share = 1 / sum;
        for (int page = 0; page * perPage < n; page++) {
            float part = 0;
            for (int i = page * perPage; i < Math.min((page + 1) * perPage, n); i++) {
                part += scores[offset + i];
            }
            mass[massOffset + page] += part * share;
        }
    }

    /**
     * e^x for x ≤ 0, relative error below 1e-5, without a branch so that the loop around it becomes vector code. 2^x splits into an exponent and a fraction in (0, 1], for which the
     * polynomial interpolates 2^f at the five Chebyshev points.
     */
    static float exp(float x) {
        float power = Math.max(x * LOG2_E, -126);
        int exponent = (int) power - 1;
        float f = power - exponent;
        float fraction = 1.0000035f + f * (0.6929729f + f * (0.24160436f + f * (0.051745f + f * 0.01367031f)));
        return fraction * Float.intBitsToFloat((exponent + 127) << 23);
    }
}
