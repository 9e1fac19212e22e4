package dev.winnow.core.eval;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How far the predictions of a model (Q) are from those of another one (base), with the estimators of {@code llama-perplexity --kl-divergence}. Probabilities
 * are shares, not percent.
 *
 * @param count          positions
 * @param ppl            perplexity of Q
 * @param pplBase        perplexity of the base
 * @param correlation    of the two negative log-likelihoods, −1 to 1; 0 if unknown
 * @param logPplRatio    ln(ppl / pplBase)
 * @param pplRatio       ppl / pplBase
 * @param pplDifference  ppl − pplBase
 * @param kld            mean KL divergence, in nats
 * @param kldDistribution KL divergences of the positions
 * @param deltaP         mean change of the probability of the text's token
 * @param deltaPDistribution changes of the probability of the text's token
 * @param rmsDeltaP      root mean square change of the probability of the text's token
 * @param sameTop        share of positions where both find the same token most likely
 */
public record KlStatistics(int count, Estimate ppl, Estimate pplBase, double correlation, Estimate logPplRatio, Estimate pplRatio,
        Estimate pplDifference, Estimate kld, Distribution kldDistribution, Estimate deltaP, Distribution deltaPDistribution,
        Estimate rmsDeltaP, Estimate sameTop) {

    /** Fewest positions from which llama-perplexity prints {@link #summary()}. */
    public static final int ENOUGH = 100;

    /** Returns the head of the table of chunks. */
    public static String chunkHeader() {
        return "chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence              Δp RMS            Same top p";
    }

    /** Returns the line of the table of chunks for the positions up to a chunk, numbered from 1. */
    public String chunkLine(int chunk) {
        return String.format(Locale.ROOT,
                "%4d    %9.4f ± %9.4f    %10.5f ± %10.5f    %10.5f ± %10.5f    %6.3f ± %6.3f %%    %6.3f ± %6.3f %%", chunk,
                ppl.value(), ppl.error(), logPplRatio.value(), logPplRatio.error(), kld.value(), kld.error(), 100 * rmsDeltaP.value(),
                100 * rmsDeltaP.error(), 100 * sameTop.value(), 100 * sameTop.error());
    }

    /** Returns the statistics as llama-perplexity prints them at the end: three blocks of lines. */
    public String summary() {
        StringBuilder text = new StringBuilder("====== Perplexity statistics ======\n");
        row(text, "Mean PPL(Q)                   : ", ppl);
        row(text, "Mean PPL(base)                : ", pplBase);
        text.append(String.format(Locale.ROOT, "Cor(ln(PPL(Q)), ln(PPL(base))): %6.2f%%\n", 100 * correlation));
        row(text, "Mean ln(PPL(Q)/PPL(base))     : ", logPplRatio);
        row(text, "Mean PPL(Q)/PPL(base)         : ", pplRatio);
        row(text, "Mean PPL(Q)-PPL(base)         : ", pplDifference);
        text.append("\n====== KL divergence statistics ======\n");
        row(text, "Mean    KLD: ", kld);
        Distribution d = kldDistribution;
        String[] kldNames = {"Maximum", "99.9%  ", "99.0%  ", "95.0%  ", "90.0%  ", "Median ", "10.0%  ", " 5.0%  ", " 1.0%  ", " 0.1%  ",
                "Minimum"};
        double[] kldValues = {d.maximum(), d.p99_9(), d.p99(), d.p95(), d.p90(), d.median(), d.p10(), d.p5(), d.p1(), d.p0_1(),
                d.minimum()};
        for (int i = 0; i < kldNames.length; i++) {
            text.append(String.format(Locale.ROOT, "%s KLD: %10.6f\n", kldNames[i], kldValues[i]));
        }
        text.append("\n====== Token probability statistics ======\n");
        percent(text, "Mean    Δp: ", deltaP);
        d = deltaPDistribution;
        String[] deltaNames = {"Maximum", "99.9%  ", "99.0%  ", "95.0%  ", "90.0%  ", "75.0%  ", "Median ", "25.0%  ", "10.0%  ", " 5.0%  ",
                " 1.0%  ", " 0.1%  ", "Minimum"};
        double[] deltaValues = {d.maximum(), d.p99_9(), d.p99(), d.p95(), d.p90(), d.p75(), d.median(), d.p25(), d.p10(), d.p5(), d.p1(),
                d.p0_1(), d.minimum()};
        for (int i = 0; i < deltaNames.length; i++) {
            text.append(String.format(Locale.ROOT, "%s Δp: %6.3f%%\n", deltaNames[i], 100 * deltaValues[i]));
        }
        percent(text, "RMS Δp    : ", rmsDeltaP);
        percent(text, "Same top p: ", sameTop);
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Estimate estimate) {
        text.append(String.format(Locale.ROOT, "%s%10.6f ± %10.6f\n", name, estimate.value(), estimate.error()));
    }

    private static void percent(StringBuilder text, String name, Estimate share) {
        text.append(String.format(Locale.ROOT, "%s%6.3f ± %5.3f %%\n", name, 100 * share.value(), 100 * share.error()));
    }

    /** Returns the statistics as fields of a report; the values of {@link #summary()}, with {@code _error} for standard errors. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("n_tokens", count);
        put(fields, "ppl", ppl);
        put(fields, "ppl_base", pplBase);
        fields.put("correlation", correlation);
        put(fields, "ln_ppl_ratio", logPplRatio);
        put(fields, "ppl_ratio", pplRatio);
        put(fields, "ppl_difference", pplDifference);
        put(fields, "kld_mean", kld);
        put(fields, "kld", kldDistribution);
        put(fields, "delta_p_mean", deltaP);
        put(fields, "delta_p", deltaPDistribution);
        put(fields, "delta_p_rms", rmsDeltaP);
        put(fields, "same_top_p", sameTop);
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, Estimate estimate) {
        fields.put(name, estimate.value());
        fields.put(name + "_error", estimate.error());
    }

    private static void put(Map<String, Object> fields, String name, Distribution distribution) {
        fields.put(name + "_minimum", distribution.minimum());
        fields.put(name + "_p1", distribution.p1());
        fields.put(name + "_p5", distribution.p5());
        fields.put(name + "_p10", distribution.p10());
        fields.put(name + "_median", distribution.median());
        fields.put(name + "_p90", distribution.p90());
        fields.put(name + "_p95", distribution.p95());
        fields.put(name + "_p99", distribution.p99());
        fields.put(name + "_p99_9", distribution.p99_9());
        fields.put(name + "_maximum", distribution.maximum());
    }
}
