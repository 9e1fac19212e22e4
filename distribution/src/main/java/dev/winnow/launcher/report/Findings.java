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
    /** Speed-ups below are not worth an approximation, and losses below are not worth a word. */
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
            if (results.isIdle(arm)) {
                sentences.add("`" + arm + "` keeps every key in all that was measured: its numbers are those of dense attention.");
                continue;
            }
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
        List<String> where = idleTests().stream().map(Findings::name).toList();
        return where.isEmpty()
                ? Optional.empty()
                : Optional.of("No arm pays in " + listed(where) + ": none is 5 % faster than dense attention there.");
    }

    private List<BenchTest> idleTests() {
        return results.speed().stream().map(BenchResult::test).distinct().sorted(BY_DEPTH)
                .filter(test -> results.speed().stream().filter(result -> result.test().equals(test)).noneMatch(Findings::pays)).toList();
    }

    /** What an arm does in prompts or in generation: speed first, then accuracy. */
    private Optional<String> phase(String arm, AttentionPhase phase) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        Optional<ArmSummary> summary = ArmSummary.of(results, phase).stream().filter(each -> each.arm().equals(arm)).findFirst();
        boolean measured = results.pooledAccuracy(arm).flatMap(result -> prompts ? result.prefill() : result.decode()).isPresent();
        if (measured && summary.isEmpty()) {
            return Optional.of(prompts ? "Prompts stay dense." : "Generation stays dense.");
        }
        String subject = prompts ? "Prompts run " : "Generation runs ";
        List<String> parts = new ArrayList<>();
        String speed = speed(arm, prompts);
        if (!speed.isEmpty()) {
            parts.add(subject + speed + ".");
        }
        summary.ifPresent(each -> parts.add((prompts ? "In prompts " : "In generation ") + accuracy(each.accuracy()) + "."));
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", parts));
    }

    /** Returns how fast an arm is, without repeating for it where no arm is faster. */
    private String speed(String arm, boolean prompts) {
        List<BenchTest> idle = idleTests();
        List<BenchResult> measured = results.speed().stream()
                .filter(result -> result.arm().name().equals(arm) && prompts == (result.test().generate() == 0))
                .sorted(Comparator.comparing(BenchResult::test, BY_DEPTH)).toList();
        List<String> parts = new ArrayList<>();
        add(parts, measured, Findings::pays, "faster ", true);
        add(parts, measured, result -> !pays(result) && !isSlower(result) && !idle.contains(result.test()), "no faster ", false);
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
        return ratio(result) <= 1 / WORTHWHILE && ratio(result) + doubt(result) < 1;
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
        return (test.generate() > 0 ? "generation " : "prompts ")
                + (test.generate() == 0 && test.depth() == 0 ? "of " + test.prompt() + " tokens" : place(test));
    }

    /** Returns behind how many tokens a test is, or of how many a prompt is that nothing stands before. */
    static String place(BenchTest test) {
        return test.depth() > 0
                ? "after " + test.depth() + " tokens"
                : test.generate() > 0 ? "at the beginning" : "with " + test.prompt() + " tokens";
    }

    private static String accuracy(KlStatistics statistics) {
        double change = statistics.pplRatio().value() - 1;
        double error = statistics.pplRatio().error();
        String perplexity = statistics.count() <= FEW
                ? String.format(Locale.ROOT, "perplexity changes by %+.2f %%, measured in too few places to say more", 100 * change)
                : change > CERTAIN * error
                        ? String.format(Locale.ROOT, "perplexity rises by %.2f ± %.2f %%", 100 * change, 100 * error)
                        : change < -CERTAIN * error
                                ? String.format(Locale.ROOT, "perplexity falls by %.2f ± %.2f %%, which is a difference and not a gain",
                                        -100 * change, 100 * error)
                                : String.format(Locale.ROOT, "perplexity changes by %+.2f ± %.2f %%, which may be chance", 100 * change,
                                        100 * error);
        return perplexity + String.format(Locale.ROOT, "; the most likely token is another one in %.1f %% of places",
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
