package dev.winnow.launcher.report;

import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.Sparsity;
import dev.winnow.core.eval.Spread;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What an arm costs and what it loses in one phase, over all texts.
 *
 * @param arm      name
 * @param kept     share of keys that were kept
 * @param choosing multiply-adds of choosing them relative to dense attention
 * @param accuracy distance from dense attention
 * @param speed    how many times as fast as dense attention in the deepest test of the phase, and by how much the runs differ; empty if it was not timed
 * @param onFront  whether no other arm is both as fast and as close to dense attention, and better in one of both
 */
record ArmSummary(String arm, double kept, double choosing, KlStatistics accuracy, Optional<Spread> speed, boolean onFront) {

    /** Returns dense attention and the arms that remove keys in a phase, in their order; none if accuracy was not measured in it. */
    static List<ArmSummary> of(ModelResults results, AttentionPhase phase) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        List<ArmSummary> summaries = new ArrayList<>();
        for (String arm : results.arms()) {
            Optional<ArmAccuracy.Result> pooled = results.pooledAccuracy(arm);
            Optional<KlStatistics> accuracy = pooled.flatMap(result -> prompts ? result.prefill() : result.decode());
            if (pooled.isPresent() && accuracy.isPresent()) {
                Sparsity sparsity = pooled.get().sparsity();
                double kept = prompts ? sparsity.keptPrefill() : sparsity.keptDecode();
                double choosing = prompts ? sparsity.selectionPrefill() : sparsity.selectionDecode();
                if (arm.equals(results.arms().getFirst()) || kept < 1) {
                    summaries.add(new ArmSummary(arm, kept, choosing, accuracy.get(), speed(results, arm, phase), false));
                }
            }
        }
        return judged(summaries);
    }

    /** Returns the same summaries with those marked that no other one dominates. */
    static List<ArmSummary> judged(List<ArmSummary> all) {
        return all.stream().map(each -> new ArmSummary(each.arm, each.kept, each.choosing, each.accuracy, each.speed,
                all.stream().noneMatch(other -> other.dominates(each)))).toList();
    }

    /** Returns the deepest test of a phase; of a prompt after other tokens rather than of a whole one. */
    static Optional<BenchTest> deepest(ModelResults results, AttentionPhase phase) {
        return results.speed().stream().map(BenchResult::test).filter(test -> phase == AttentionPhase.DECODE == test.generate() > 0)
                .max(Comparator.comparingInt(BenchTest::depth).thenComparingInt(BenchTest::prompt));
    }

    private static Optional<Spread> speed(ModelResults results, String arm, AttentionPhase phase) {
        Optional<BenchTest> test = deepest(results, phase);
        return results.speed().stream()
                .filter(result -> result.arm().name().equals(arm) && test.isPresent() && result.test().equals(test.get()))
                .findFirst().map(result -> result.speedUp().orElse(new Spread(1, 0, 1)));
    }

    private boolean dominates(ArmSummary other) {
        double cheaper = other.cost() - cost();
        double closer = other.divergence() - divergence();
        return cheaper >= 0 && closer >= 0 && cheaper + closer > 0;
    }

    /** Time relative to dense attention, or if it was not measured, multiply-adds of attention relative to it. */
    private double cost() {
        return speed.map(ratio -> 1 / ratio.mean()).orElse(work());
    }

    /** Returns the multiply-adds of attention and choosing relative to those of dense attention. */
    double work() {
        return kept + choosing;
    }

    /** Returns the mean KL divergence; rounding may make it a little less than 0. */
    double divergence() {
        return Math.max(0, accuracy.kld().value());
    }
}
