package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;

/**
 * What turns the logits of one position into log-probabilities: exponentials are floats and their sum is a double, as in llama-perplexity.
 *
 * @param maximum   largest logit
 * @param best      the first token that has it
 * @param minimum   smallest logit
 * @param logSumExp ln Σ exp(logit − maximum)
 */
public record LogSoftmax(float maximum, int best, float minimum, double logSumExp) {

    /**
     * Looks at logits.
     *
     * @throws WinnowException if they are not numbers
     */
    public static LogSoftmax of(float[] logits) {
        int best = 0;
        float minimum = logits[0];
        for (int token = 1; token < logits.length; token++) {
            if (logits[token] > logits[best]) {
                best = token;
            }
            minimum = Math.min(minimum, logits[token]);
        }
        float maximum = logits[best];
        double sum = 0;
        for (float logit : logits) {
            sum += FloatExp.exp(logit - maximum);
        }
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The model gives logits that are not numbers; its weights are damaged or overflow: load the model with its tensors checked.");
        }
        return new LogSoftmax(maximum, best, minimum, Math.log(sum));
    }

    /** Returns −ln p(token). */
    public double negativeLogLikelihood(float[] logits, int token) {
        return logSumExp - (logits[token] - maximum);
    }

    /**
     * Returns ln p of every token.
     *
     * @param logits [vocabulary size]
     * @throws WinnowException if they are not numbers
     */
    public static float[] logProbabilities(float[] logits) {
        float[] logProbabilities = new float[logits.length];
        logProbabilities(logits, logProbabilities);
        return logProbabilities;
    }

    /**
     * Computes ln p of every token.
     *
     * @param logits           [vocabulary size]
     * @param logProbabilities [vocabulary size], overwritten
     * @throws WinnowException if the logits are not numbers
     */
    static void logProbabilities(float[] logits, float[] logProbabilities) {
        LogSoftmax softmax = of(logits);
        for (int token = 0; token < logits.length; token++) {
            logProbabilities[token] = (float) -softmax.negativeLogLikelihood(logits, token);
        }
    }
}
