package dev.winnow.sparsek;

import java.util.Arrays;

/**
 * Finds the k-th largest of n scores by counting, without sorting (radix selection, most significant bits first). Scores are compared as integers: the bits of
 * an F32, mapped so that their order is the order of the numbers. One per worker; allocates nothing.
 */
final class TopK {

    // 11 + 11 + 10 bits: a histogram of 2048 counters stays in the first-level cache, and the first pass, the only one over all scores, splits them finely
    private static final int[] SHIFTS = {21, 10, 0};
    private static final int[] BITS = {11, 11, 10};

    private final int[] histogram = new int[1 << 11];
    private int threshold;
    private int ties;

    /** Maps a score to an integer of the same order; −0 equals 0, and NaN is above everything. */
    static int order(float score) {
        int bits = Float.floatToIntBits(score + 0.0f);
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    /**
     * Finds the k-th largest of {@code orders[0 … n−1]}, for {@code 0 < k ≤ n}: afterwards the k largest are all above {@link #threshold()} and
     * {@link #ties()} of those equal to it.
     */
    void find(int[] orders, int n, int k) {
        int wanted = k;
        int prefix = 0;
        int known = 0; // mask of the bits of the threshold that are known
        for (int pass = 0; pass < SHIFTS.length; pass++) {
            int shift = SHIFTS[pass];
            int digits = (1 << BITS[pass]) - 1;
            Arrays.fill(histogram, 0, digits + 1, 0);
            for (int i = 0; i < n; i++) {
                int key = orders[i] ^ Integer.MIN_VALUE; // unsigned order
                if ((key & known) == prefix) {
                    histogram[key >>> shift & digits]++;
                }
            }
            int digit = digits;
            while (histogram[digit] < wanted) {
                wanted -= histogram[digit--];
            }
            prefix |= digit << shift;
            known |= digits << shift;
        }
        threshold = prefix ^ Integer.MIN_VALUE;
        ties = wanted;
    }

    /** Returns the k-th largest, mapped by {@link #order}. */
    int threshold() {
        return threshold;
    }

    /** Returns how many of the scores equal to the threshold are among the k largest. */
    int ties() {
        return ties;
    }
}
