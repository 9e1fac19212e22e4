package dev.winnow.sparsek;

/** Softmax over estimated scores, summed up by page. */
final class SoftmaxMass {

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
     * Adds the softmax of a row of scores to the masses of pages; the scores are overwritten. Scores of −∞ have next to no mass.
     *
     * @param n       number of scores, at {@code scores[offset …]}
     * @param perPage neighbouring scores that belong to one page
     * @param mass    receives the sums, from {@code mass[massOffset]} on
     */
    static void add(float[] scores, int offset, int n, int perPage, float[] mass, int massOffset) {
        float top = largest(scores, offset, n);
        if (top == Float.NEGATIVE_INFINITY) {
            return;
        }
        for (int i = offset; i < offset + n; i++) {
            scores[i] = exp(scores[i] - top);
        }
        float share = 1 / sum(scores, offset, n);
        if (perPage == 1) {
            for (int i = 0; i < n; i++) {
                mass[massOffset + i] += scores[offset + i] * share;
            }
            return;
        }
        for (int page = 0; page * perPage < n; page++) {
            float part = 0;
            for (int i = page * perPage; i < Math.min((page + 1) * perPage, n); i++) {
                part += scores[offset + i];
            }
            mass[massOffset + page] += part * share;
        }
    }

    /** Four chains, so that the latency of one comparison hides behind the others. */
    private static float largest(float[] x, int offset, int n) {
        float a = Float.NEGATIVE_INFINITY;
        float b = a;
        float c = a;
        float d = a;
        int i = offset;
        for (; i < offset + n - 3; i += 4) {
            a = Math.max(a, x[i]);
            b = Math.max(b, x[i + 1]);
            c = Math.max(c, x[i + 2]);
            d = Math.max(d, x[i + 3]);
        }
        for (; i < offset + n; i++) {
            a = Math.max(a, x[i]);
        }
        return Math.max(Math.max(a, b), Math.max(c, d));
    }

    private static float sum(float[] x, int offset, int n) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = offset;
        for (; i < offset + n - 3; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < offset + n; i++) {
            a += x[i];
        }
        return (a + b) + (c + d);
    }

    /**
     * e^x for x ≤ 0 as {@code p(x/256)^256}, where p is the Taylor polynomial of degree 4: nothing but products, so that C2 turns the loop around it into vector code (it
     * does not for the usual split of the exponent by bit patterns). Relative error below 1e-4 down to e^−30, below 2 % down to e^−87; never 0.
     */
    static float exp(float x) {
        float t = Math.max(x, -87) * (1f / 256);
        float p = 1 + t * (1 + t * (1 / 2f + t * (1 / 6f + t * (1 / 24f))));
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        return p * p;
    }
}
