package dev.winnow.core.gguf;

/**
 * Finds scale and minimum of one sub-block: for several widths of a step, quants are rounded and the best scale and minimum for them solved by weighted least
 * squares; the least error counts. Weights are the root mean square of the sub-block plus the magnitude of the value.
 */
final class ScaleSearch {

    private static final float STEP = 0.1f;

    private final int count;
    private final int top;
    private final float firstStep;
    private final int steps;
    private final float[] weights; // [count]
    private final int[] candidate; // [count]
    private float scale;
    private float minimum;

    /**
     * Creates a search.
     *
     * @param count     values of a sub-block
     * @param top       largest quant
     * @param firstStep first difference to {@code top} that is tried
     * @param steps     number of further ones, 0.1 apart
     */
    ScaleSearch(int count, int top, float firstStep, int steps) {
        this.count = count;
        this.top = top;
        this.firstStep = firstStep;
        this.steps = steps;
        this.weights = new float[count];
        this.candidate = new int[count];
    }

    /** Returns the scale that was found. */
    float scale() {
        return scale;
    }

    /** Returns what is subtracted from scaled quants, 0 or more. */
    float minimum() {
        return minimum;
    }

    /** Searches, and writes the quants of the result. */
    void run(float[] values, int from, int[] quants, int at) {
        float low = values[from];
        float high = values[from];
        float squares = 0;
        for (int i = 0; i < count; i++) {
            squares += values[from + i] * values[from + i];
        }
        float average = (float) Math.sqrt(squares / count);
        float sumWeights = 0;
        float sumValues = 0;
        for (int i = 0; i < count; i++) {
            float x = values[from + i];
            low = Math.min(low, x);
            high = Math.max(high, x);
            weights[i] = average + Math.abs(x);
            sumWeights += weights[i];
            sumValues += weights[i] * x;
        }
        low = Math.min(low, 0);
        scale = 0;
        minimum = -low;
        if (high == low) {
            java.util.Arrays.fill(quants, at, at + count, 0);
            return;
        }
        round(values, from, top / (high - low), low);
        scale = 1 / (top / (high - low));
        float best = error(values, from, scale, low);
        System.arraycopy(candidate, 0, quants, at, count);
        for (int step = 0; step <= steps; step++) {
            round(values, from, (firstStep + STEP * step + top) / (high - low), low);
            float sumQuants = 0;
            float sumSquares = 0;
            float sumProducts = 0;
            for (int i = 0; i < count; i++) {
                float weighted = weights[i] * candidate[i];
                sumQuants += weighted;
                sumSquares += weighted * candidate[i];
                sumProducts += weighted * values[from + i];
            }
            float determinant = sumWeights * sumSquares - sumQuants * sumQuants;
            if (determinant > 0) {
                float newScale = (sumWeights * sumProducts - sumValues * sumQuants) / determinant;
                float newLow = (sumSquares * sumValues - sumQuants * sumProducts) / determinant;
                if (newLow > 0) {
                    newLow = 0;
                    newScale = sumProducts / sumSquares;
                }
                float error = error(values, from, newScale, newLow);
                if (error < best) {
                    System.arraycopy(candidate, 0, quants, at, count);
                    best = error;
                    scale = newScale;
                    low = newLow; // later attempts start from here, as in ggml
                    minimum = -low;
                }
            }
        }
    }

    private void round(float[] values, int from, float inverse, float low) {
        for (int i = 0; i < count; i++) {
            candidate[i] = Math.clamp(SuperBlockQuantizer.nearest(inverse * (values[from + i] - low)), 0, top);
        }
    }

    private float error(float[] values, int from, float newScale, float low) {
        float sum = 0;
        for (int i = 0; i < count; i++) {
            float difference = newScale * candidate[i] + low - values[from + i];
            sum += weights[i] * (difference * difference);
        }
        return sum;
    }
}
