package dev.winnow.core.eval;

/**
 * A measured value.
 *
 * @param value the value
 * @param error its standard error
 */
public record Estimate(double value, double error) {

    /** Returns the mean of numbers from their sums, with llama-perplexity's error: 0 for up to ten numbers. */
    static Estimate mean(double sum, double sumOfSquares, int count) {
        if (count < 1) {
            return new Estimate(0, 0);
        }
        double mean = sum / count;
        double variance = sumOfSquares / count - mean * mean;
        return new Estimate(mean, variance > 0 && count > 10 ? Math.sqrt(variance / (count - 1)) : 0);
    }

    /** Returns e to this value; the error is propagated to first order. */
    Estimate exp() {
        return new Estimate(Math.exp(value), Math.exp(value) * error);
    }

    /** Returns this value minus another one, whose covariance with it is known. */
    Estimate minus(Estimate other, double covariance) {
        double variance = error * error + other.error * other.error - 2 * covariance;
        return new Estimate(value - other.value, Math.sqrt(Math.max(0, variance)));
    }

    /** Returns the square root; the error is propagated to first order. */
    Estimate sqrt() {
        double root = Math.sqrt(value);
        return new Estimate(root, root == 0 ? 0 : 0.5 / root * error);
    }
}
