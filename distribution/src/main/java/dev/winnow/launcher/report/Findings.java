package dev.winnow.launcher.report;

import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Estimate;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Says in sentences what the numbers of a model mean: where nothing pays, and what each arm gains and loses. */
final class Findings {

    /** A difference counts from twice its standard error on, which chance exceeds in 5 of 100 cases. */
    private static final double CERTAIN = 2;
    /** Speed-ups below are not worth an approximation. */
    private static final double WORTHWHILE = 1.05;
    /** Up to so many numbers there is no standard error. */
    private static final int FEW = 10;

    private static final Comparator<BenchTest> BY_DEPTH = Comparator.comparingInt(BenchTest::generate).thenComparingInt(BenchTest::depth)
            .thenComparingInt(BenchTest::prompt);

    private final ModelResults results;

    Findings(ModelResults results) {
        this.results = results;
    }

    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        nowhereFaster().ifPresent(sentences::add);
        for (String arm : results.sparseArms()) {
            List<String> own = new ArrayList<>();
            for (AttentionPhase phase : AttentionPhase.values()) {
                phase(arm, phase).ifPresent(own::add);
            }
            needle(arm).ifPresent(own::add);
            if (!own.isEmpty()) {
                sentences.add("`" + arm + "`: " + String.join(" ", own));
            }
        }
        return sentences;
    }

    /** Where no arm pays is worth more than where one does. */
    private Optional<String> nowhereFaster() {
        List<String> idle = results.speed().stream().map(BenchResult::test).distinct().sorted(BY_DEPTH)
                .filter(test -> results.speed().stream().filter(result -> result.test().equals(test)).noneMatch(Findings::pays))
                .map(Findings::name).toList();
        return idle.isEmpty()
                ? Optional.empty()
                : Optional.of("No arm pays in " + listed(idle) + ": none is 5 % faster than dense attention there.");
    }

    /** What an arm does in prompts or in generation: speed first, then accuracy. */
    private Optional<String> phase(String arm, AttentionPhase phase) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        Optional<ArmSummary> summary = ArmSummary.of(results, phase).stream().filter(each -> each.arm().equals(arm)).findFirst();
        boolean measured = results.pooledAccuracy(arm).flatMap(result -> prompts ? result.prefill() : result.decode()).isPresent();
        if (measured && summary.isEmpty()) {
            return Optional.of((prompts ? "Prompts" : "Generation") + (prompts ? " stay" : " stays") + " dense.");
        }
        List<String> clauses = new ArrayList<>();
        List<BenchResult> speed = results.speed().stream()
                .filter(result -> result.arm().name().equals(arm) && prompts == (result.test().generate() == 0))
                .sorted(Comparator.comparing(BenchResult::test, BY_DEPTH)).toList();
        if (!speed.isEmpty()) {
            clauses.add(speed(speed));
        }
        summary.ifPresent(each -> clauses.add(accuracy(each.accuracy())));
        return clauses.isEmpty()
                ? Optional.empty()
                : Optional.of((prompts ? "In prompts " : "In generation ") + String.join("; ", clauses) + ".");
    }

    private static String speed(List<BenchResult> measured) {
        List<String> parts = new ArrayList<>();
        add(parts, measured, Findings::pays, "faster ", true);
        add(parts, measured, result -> !pays(result) && !isSlower(result), "no faster ", false);
        add(parts, measured, Findings::isSlower, "slower ", true);
        return listed(parts);
    }

    private static void add(List<String> parts, List<BenchResult> measured, Predicate<BenchResult> which, String how, boolean ratios) {
        List<String> where = measured.stream().filter(which)
                .map(result -> place(result.test()) + (ratios ? String.format(Locale.ROOT, " (%.2f ×)", ratio(result)) : "")).toList();
        if (!where.isEmpty()) {
            parts.add(how + listed(where));
        }
    }

    private static String listed(List<String> parts) {
        return parts.size() < 2
                ? String.join("", parts)
                : String.join(", ", parts.subList(0, parts.size() - 1)) + " and " + parts.getLast();
    }

    private static boolean pays(BenchResult result) {
        return ratio(result) >= WORTHWHILE && ratio(result) - doubt(result) > 1;
    }

    private static boolean isSlower(BenchResult result) {
        return ratio(result) + doubt(result) < 1;
    }

    /** Returns twice the standard error of the ratio. */
    private static double doubt(BenchResult result) {
        return CERTAIN * result.speedUp().map(Estimate::error).orElse(0.0) / Math.sqrt(result.samples().size());
    }

    private static double ratio(BenchResult result) {
        return result.speedUp().map(Estimate::value).orElse(1.0);
    }

    /** Returns what a test times, in words. */
    static String name(BenchTest test) {
        return (test.generate() > 0 ? "generation " : test.depth() == 0 ? "a prompt " : "prompts ") + place(test);
    }

    static String place(BenchTest test) {
        return test.generate() > 0
                ? test.depth() == 0 ? "at the beginning" : "after " + test.depth() + " tokens"
                : test.depth() == 0 ? "of " + test.prompt() + " tokens" : "after " + test.depth() + " tokens";
    }

    private static String accuracy(KlStatistics statistics) {
        double change = statistics.pplRatio().value() - 1;
        double error = statistics.pplRatio().error();
        String perplexity = statistics.count() <= FEW
                ? String.format(Locale.ROOT, "perplexity changes by %+.2f %%, measured in too few places to say more", 100 * change)
                : change > CERTAIN * error
                        ? String.format(Locale.ROOT, "perplexity rises by %.2f ± %.2f %%", 100 * change, 100 * error)
                        : change < -CERTAIN * error
                                ? String.format(Locale.ROOT, "perplexity falls by %.2f ± %.2f %%, which is no gain but a difference",
                                        -100 * change, 100 * error)
                                : String.format(Locale.ROOT, "perplexity changes by %+.2f ± %.2f %%, which may be chance", 100 * change,
                                        100 * error);
        return perplexity + String.format(Locale.ROOT, ", and %.1f %% of the most likely tokens are others",
                100 * (1 - statistics.sameTop().value()));
    }

    private Optional<String> needle(String arm) {
        List<NeedleResult> dense = results.needle(results.arms().getFirst());
        List<NeedleResult> own = results.needle(arm);
        if (own.isEmpty()) {
            return Optional.empty();
        }
        long foundByDense = dense.stream().filter(NeedleResult::found).count();
        long found = own.stream().filter(NeedleResult::found).count();
        return Optional.of("It finds " + found + " of " + own.size() + " needles, dense attention " + foundByDense + ".");
    }
}
