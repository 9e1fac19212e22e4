package dev.winnow.core.eval;

import java.util.Arrays;

/**
 * Percentiles of numbers, as llama-perplexity takes them: linear interpolation between neighbours, in float.
 *
 * @param minimum smallest
 * @param p0_1    0.1 %
 * @param p1      1 %
 * @param p5      5 %
 * @param p10     10 %
 * @param p25     25 %
 * @param median  50 %
 * @param p75     75 %
 * @param p90     90 %
 * @param p95     95 %
 * @param p99     99 %
 * @param p99_9   99.9 %
 * @param maximum largest
 */
public record Distribution(float minimum, float p0_1, float p1, float p5, float p10, float p25, float median, float p75, float p90,
        float p95, float p99, float p99_9, float maximum) {

    /** Returns the percentiles of the first {@code count} values, one or more. */
    static Distribution of(float[] values, int count) {
        float[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        float median = count % 2 == 0 ? 0.5f * (sorted[count / 2] + sorted[count / 2 - 1]) : sorted[count / 2];
        return new Distribution(sorted[0], percentile(sorted, 0.001f), percentile(sorted, 0.01f), percentile(sorted, 0.05f),
                percentile(sorted, 0.1f), percentile(sorted, 0.25f), median, percentile(sorted, 0.75f), percentile(sorted, 0.9f),
                percentile(sorted, 0.95f), percentile(sorted, 0.99f), percentile(sorted, 0.999f), sorted[count - 1]);
    }

    private static float percentile(float[] sorted, float fraction) {
        float place = fraction * (sorted.length - 1);
        int below = (int) place;
        float rest = place - below;
        return (1 - rest) * sorted[below] + rest * sorted[Math.min(below + 1, sorted.length - 1)];
    }
}
