package dev.winnow.core.eval;

import java.util.List;

/**
 * What a few runs of the same thing have shown.
 *
 * @param mean      their mean
 * @param deviation their standard deviation, as llama-bench has it; 0 for a single run
 * @param count     number of runs
 */
public record Spread(double mean, double deviation, int count) {

    /** Two runs may be close to each other by chance, and one has no deviation. */
    private static final int FEWEST = 3;

    /** Two-sided 95 % quantiles of Student's t distribution for 1 to 30 degrees of freedom; that of 30 is a little too large for more. */
    private static final double[] QUANTILES = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
            2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

    static Spread of(List<? extends Number> values) {
        double mean = values.stream().mapToDouble(Number::doubleValue).average().orElse(0);
        double squares = values.stream().mapToDouble(value -> Math.pow(value.doubleValue() - mean, 2)).sum();
        return new Spread(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)), values.size());
    }

    /** Returns how far the true mean may be from this one, in 95 of 100 cases; infinite for fewer than three runs, which say nothing about it. */
    public double doubt() {
        return count < FEWEST
                ? Double.POSITIVE_INFINITY
                : QUANTILES[Math.min(count - 1, QUANTILES.length) - 1] * deviation / Math.sqrt(count);
    }
}
