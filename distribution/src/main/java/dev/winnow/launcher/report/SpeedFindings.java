package dev.winnow.launcher.report;

import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Says in sentences where arms are faster or slower than dense attention: only what the runs make certain, and only where an arm leaves out keys. */
final class SpeedFindings {

    /** Speed-ups below are not worth an approximation, and losses below are not worth a word. */
    private static final double WORTHWHILE = 1.05;

    private static final Comparator<BenchTest> BY_DEPTH = Comparator.comparingInt(BenchTest::generate).thenComparingInt(BenchTest::depth)
            .thenComparingInt(BenchTest::prompt);

    private final List<Timed> timed;

    SpeedFindings(List<Timed> timed) {
        this.timed = timed.stream().sorted(Comparator.comparing(Timed::test, BY_DEPTH)).toList();
    }

    /**
     * The speed of one arm in one test.
     *
     * @param arm       its name
     * @param keptRatio share of keys that it kept, 0 to 1
     * @param ratio     how many times as fast as dense attention it was
     */
    record Timed(String arm, BenchTest test, double keptRatio, Spread ratio) {

        private boolean keepsAll() {
            return keptRatio >= 1;
        }

        private boolean isCounted() {
            return !keepsAll() && Double.isFinite(ratio.doubt());
        }

        private boolean pays() {
            return isCounted() && ratio.mean() >= WORTHWHILE && ratio.mean() - ratio.doubt() > 1;
        }

        private boolean isSlower() {
            return isCounted() && ratio.mean() <= 1 / WORTHWHILE && ratio.mean() + ratio.doubt() < 1;
        }
    }

    /** Returns what holds for all arms: where one pays is worth less than where none does. */
    List<String> common() {
        List<String> sentences = new ArrayList<>();
        List<String> whole = tests(this::isWhole);
        if (!whole.isEmpty()) {
            sentences.add("Every arm keeps every key in " + listed(whole) + ".");
        }
        List<String> idle = tests(this::isIdle);
        if (!idle.isEmpty()) {
            sentences.add("No arm is certain to pay in " + listed(idle)
                    + ": none is faster than dense attention there by 5 % and by more than chance may explain.");
        }
        if (timed.stream().anyMatch(each -> Double.isInfinite(each.ratio().doubt()))) {
            sentences.add("Speed was measured in too few runs to tell differences from chance: that takes three or more (`-r`).");
        }
        return sentences;
    }

    private List<String> tests(Predicate<BenchTest> which) {
        return timed.stream().map(Timed::test).distinct().filter(which).map(SpeedFindings::name).toList();
    }

    private boolean isWhole(BenchTest test) {
        return timed.stream().filter(each -> each.test().equals(test)).allMatch(Timed::keepsAll);
    }

    private boolean isIdle(BenchTest test) {
        List<Timed> counted = timed.stream().filter(each -> each.test().equals(test) && each.isCounted()).toList();
        return !counted.isEmpty() && counted.stream().noneMatch(Timed::pays);
    }

    /** Returns how fast an arm is in prompts or in generation, without repeating for it what holds for all; empty if there is nothing to say. */
    Optional<String> of(String arm, boolean prompts) {
        List<Timed> own = timed.stream().filter(each -> each.arm().equals(arm) && prompts == (each.test().generate() == 0)).toList();
        List<String> parts = new ArrayList<>();
        add(parts, own, Timed::pays, "faster ", true);
        add(parts, own, each -> each.isCounted() && !each.pays() && !each.isSlower() && !isIdle(each.test()),
                "without a certain gain of 5 % ",
                false);
        add(parts, own, Timed::isSlower, "slower ", true);
        List<String> sentences = new ArrayList<>();
        if (!parts.isEmpty()) {
            sentences.add((prompts ? "Prompts run " : "Generation runs ") + listed(parts) + ".");
        }
        List<String> kept = own.stream().filter(each -> each.keepsAll() && !isWhole(each.test())).map(each -> name(each.test())).toList();
        if (!kept.isEmpty()) {
            sentences.add("It keeps every key in " + listed(kept) + ".");
        }
        return sentences.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", sentences));
    }

    private static void add(List<String> parts, List<Timed> own, Predicate<Timed> which, String how, boolean ratios) {
        List<String> where = own.stream().filter(which)
                .map(each -> place(each.test()) + (ratios ? String.format(Locale.ROOT, " (%.2f ×)", each.ratio().mean()) : "")).toList();
        if (!where.isEmpty()) {
            parts.add(how + listed(where));
        }
    }

    private static String listed(List<String> parts) {
        return parts.size() < 2
                ? String.join("", parts)
                : String.join(", ", parts.subList(0, parts.size() - 1)) + " and " + parts.getLast();
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
}
