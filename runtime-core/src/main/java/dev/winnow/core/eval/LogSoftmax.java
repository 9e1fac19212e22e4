package dev.winnow.core.eval;

/** Log-probabilities of tokens. */
final class LogSoftmax {

    private LogSoftmax() {}

    /** Returns −ln p(token): exponentials in float and their sum in double, as llama-perplexity has it. */
    static double negativeLogLikelihood(float[] logits, int token) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += (float) Math.exp(logit - max);
        }
        return Math.log(sum) - (logits[token] - max);
    }
}
