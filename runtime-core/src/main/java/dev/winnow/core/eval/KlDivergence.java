package dev.winnow.core.eval;

import java.util.Arrays;

/**
 * Compares the predictions of a model (Q) with those of another one (base), position by position, as {@code llama-perplexity --kl-divergence} does. Holds two
 * floats per position and nothing of the vocabulary's size. Not thread-safe.
 */
public final class KlDivergence {

    /** Base log-probabilities from here down are left out of the sum: the file does not store them. */
    private static final float NEGLIGIBLE = -16;

    private double sumNll;
    private double sumNll2;
    private double sumNllBase;
    private double sumNllBase2;
    private double sumNllNllBase;
    private double sumKld;
    private double sumKld2;
    private double sumDelta;
    private double sumDelta2;
    private double sumDelta4;
    private int sameTop;
    private int count;
    private float[] divergences = new float[256]; // [count], one per position
    private float[] deltas = new float[256]; // [count], one per position

    /** Creates a comparison without positions. */
    public KlDivergence() {}

    /**
     * Adds a position. The arithmetic is llama-perplexity's: floats, summed in double.
     *
     * @param baseLogProbabilities [vocabulary size], ln p of the base
     * @param logits               [vocabulary size], of Q
     * @param next                 the token that follows in the text
     */
    public void add(float[] baseLogProbabilities, float[] logits, int next) {
        LogSoftmax softmax = LogSoftmax.of(logits);
        float normaliser = softmax.maximum() + (float) softmax.logSumExp();
        float nll = normaliser - logits[next];
        float nllBase = -baseLogProbabilities[next];
        double divergence = 0;
        int bestOfBase = 0;
        for (int token = 0; token < logits.length; token++) {
            float logBase = baseLogProbabilities[token];
            if (logBase > baseLogProbabilities[bestOfBase]) {
                bestOfBase = token;
            }
            if (logBase > NEGLIGIBLE) {
                divergence += FloatExp.exp(logBase) * (logBase - logits[token] + normaliser);
            }
        }
        float delta = (float) Math.exp(-nll) - (float) Math.exp(-nllBase);
        sumNll += nll;
        sumNll2 += nll * nll;
        sumNllBase += nllBase;
        sumNllBase2 += nllBase * nllBase;
        sumNllNllBase += nll * nllBase;
        sumKld += divergence;
        sumKld2 += divergence * divergence;
        double delta2 = delta * delta;
        sumDelta += delta;
        sumDelta2 += delta2;
        sumDelta4 += delta2 * delta2;
        sameTop += softmax.best() == bestOfBase ? 1 : 0;
        remember((float) divergence, delta);
    }

    private void remember(float divergence, float delta) {
        if (count == divergences.length) {
            divergences = Arrays.copyOf(divergences, 2 * count);
            deltas = Arrays.copyOf(deltas, 2 * count);
        }
        divergences[count] = divergence;
        deltas[count] = delta;
        count++;
    }

    /** Adds the positions of another comparison. */
    public void addAll(KlDivergence other) {
        sumNll += other.sumNll;
        sumNll2 += other.sumNll2;
        sumNllBase += other.sumNllBase;
        sumNllBase2 += other.sumNllBase2;
        sumNllNllBase += other.sumNllNllBase;
        sumKld += other.sumKld;
        sumKld2 += other.sumKld2;
        sumDelta += other.sumDelta;
        sumDelta2 += other.sumDelta2;
        sumDelta4 += other.sumDelta4;
        sameTop += other.sameTop;
        for (int i = 0; i < other.count; i++) {
            remember(other.divergences[i], other.deltas[i]);
        }
    }

    /** Returns the number of positions so far. */
    public int count() {
        return count;
    }

    /**
     * Returns the statistics of the positions so far.
     *
     * @throws IllegalStateException if there are none
     */
    public KlStatistics statistics() {
        if (count == 0) {
            throw new IllegalStateException("no position was added");
        }
        Estimate logPpl = Estimate.mean(sumNll, sumNll2, count);
        Estimate logPplBase = Estimate.mean(sumNllBase, sumNllBase2, count);
        double covariance = count < 10 ? 0 : (sumNllNllBase / count - sumNll / count * (sumNllBase / count)) / (count - 1);
        double errors = logPpl.error() * logPplBase.error();
        Estimate logRatio = logPpl.minus(logPplBase, covariance);
        Estimate ppl = logPpl.exp();
        Estimate pplBase = logPplBase.exp();
        double top = (double) sameTop / count;
        return new KlStatistics(count, ppl, pplBase, errors == 0 ? 0 : covariance / errors, logRatio, logRatio.exp(),
                ppl.minus(pplBase, ppl.value() * pplBase.value() * covariance), Estimate.mean(sumKld, sumKld2, count),
                Distribution.of(divergences, count), Estimate.mean(sumDelta, sumDelta2, count), Distribution.of(deltas, count),
                Estimate.mean(sumDelta2, sumDelta4, count).sqrt(),
                new Estimate(top, count == 1 ? 0 : Math.sqrt(top * (1 - top) / (count - 1))));
    }
}
