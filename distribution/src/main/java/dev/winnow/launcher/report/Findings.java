package dev.winnow.launcher.report;

import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Estimate;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.NeedleResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says in sentences what the numbers of a model mean: where an arm pays, where it does not, and what it loses. */
final class Findings {

    /** A difference counts from twice its standard error on, which chance exceeds in 5 of 100 cases. */
    private static final double CERTAIN = 2;
    /** Speed-ups below are not worth an approximation. */
    private static final double WORTHWHILE = 1.05;
    /** Up to so many numbers there is no standard error. */
    private static final int FEW = 10;

    private final ModelResults results;

    Findings(ModelResults results) {
        this.results = results;
    }

    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        for (String arm : results.sparseArms()) {
            speed(arm, sentences);
            results.accuracy().forEach((text, measured) -> accuracy(arm, text, measured, sentences));
            needle(arm, sentences);
        }
        return sentences;
    }

    private void speed(String arm, List<String> sentences) {
        List<BenchResult> own = results.speed().stream().filter(result -> result.arm().name().equals(arm)).toList();
        if (own.isEmpty()) {
            return;
        }
        List<BenchResult> pays = own.stream().filter(result -> ratio(result) >= WORTHWHILE && ratio(result) - doubt(result) > 1).toList();
        List<BenchResult> slower = own.stream().filter(result -> ratio(result) + doubt(result) < 1).toList();
        List<BenchResult> idle = own.stream().filter(result -> !pays.contains(result) && !slower.contains(result)).toList();
        if (!pays.isEmpty()) {
            sentences.add("`" + arm + "` is faster than dense attention in " + list(pays) + ".");
        } else {
            sentences.add("`" + arm + "` pays in none of the tests of speed.");
        }
        if (!idle.isEmpty()) {
            sentences.add("It does not pay in " + list(idle) + ": less than 5 % faster, or no more than the runs differ among themselves.");
        }
        if (!slower.isEmpty()) {
            sentences.add("It is slower than dense attention in " + list(slower) + ".");
        }
    }

    /** Returns twice the standard error of the ratio. */
    private static double doubt(BenchResult result) {
        return CERTAIN * result.speedUp().map(Estimate::error).orElse(0.0) / Math.sqrt(result.samples().size());
    }

    private static double ratio(BenchResult result) {
        return result.speedUp().map(Estimate::value).orElse(1.0);
    }

    private static String list(List<BenchResult> measured) {
        return measured.stream().map(result -> name(result.test()) + String.format(Locale.ROOT, " (%.2f×)", ratio(result)))
                .collect(Collectors.joining(", "));
    }

    /** Returns what a test times, in words. */
    static String name(BenchTest test) {
        if (test.generate() > 0) {
            return "generation after " + test.depth() + " tokens";
        }
        return test.depth() == 0 ? "a prompt of " + test.prompt() + " tokens" : "a prompt after " + test.depth() + " tokens";
    }

    private static void accuracy(String arm, String text, List<ArmAccuracy.Result> measured, List<String> sentences) {
        for (ArmAccuracy.Result result : measured) {
            if (result.arm().equals(arm)) {
                sentences.add(path("In prompts", text, result.prefill()));
                if (result.decode().count() != result.prefill().count() || !result.decode().equals(result.prefill())) {
                    sentences.add(path("In generation", text, result.decode()));
                }
            }
        }
    }

    private static String path(String where, String text, KlStatistics statistics) {
        double change = statistics.pplRatio().value() - 1;
        double error = statistics.pplRatio().error();
        String perplexity = statistics.count() <= FEW
                ? String.format(Locale.ROOT, "perplexity changes by %+.2f %%, on too few places to tell it from chance", 100 * change)
                : change > CERTAIN * error
                        ? String.format(Locale.ROOT, "it loses accuracy: perplexity rises by %.2f ± %.2f %%", 100 * change, 100 * error)
                        : change < -CERTAIN * error
                                ? String.format(Locale.ROOT, "perplexity falls by %.2f ± %.2f %%, which is a difference too and not a gain",
                                        -100 * change,
                                        100 * error)
                                : String.format(Locale.ROOT, "perplexity changes by %+.2f ± %.2f %%, no more than chance explains",
                                        100 * change,
                                        100 * error);
        return String.format(Locale.ROOT,
                "%s on %s %s; the most likely token stays the same in %.1f %% of places, the mean KL divergence is %.4f.",
                where, text, perplexity, 100 * statistics.sameTop().value(), statistics.kld().value());
    }

    private void needle(String arm, List<String> sentences) {
        List<NeedleResult> dense = results.needle().stream().filter(result -> result.arm().equals(results.arms().getFirst())).toList();
        List<NeedleResult> own = results.needle().stream().filter(result -> result.arm().equals(arm)).toList();
        if (own.isEmpty()) {
            return;
        }
        long lost = 0;
        long won = 0;
        for (int i = 0; i < own.size(); i++) {
            lost += dense.get(i).found() && !own.get(i).found() ? 1 : 0;
            won += !dense.get(i).found() && own.get(i).found() ? 1 : 0;
        }
        long foundByDense = dense.stream().filter(NeedleResult::found).count();
        long found = own.stream().filter(NeedleResult::found).count();
        sentences.add("Of " + own.size() + " needles dense attention finds " + foundByDense + " and `" + arm + "` " + found + ": " + lost
                + " are lost, " + won + " are found that dense attention misses.");
    }
}
