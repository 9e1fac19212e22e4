package dev.winnow.launcher.report;

import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says in sentences what the numbers of a model mean: where nothing pays, and what each arm gains and loses. */
final class Findings {

    /** A change of the perplexity counts from twice its standard error on, which chance exceeds in 5 of 100 cases. */
    private static final double CERTAIN = 2;
    /** Up to so many numbers there is no standard error. */
    private static final int FEW = 10;

    private final ModelResults results;
    private final SpeedFindings speed;

    Findings(ModelResults results) {
        this.results = results;
        this.speed = new SpeedFindings(results.speed().stream().flatMap(result -> result.speedUp()
                .map(ratio -> new SpeedFindings.Timed(result.arm().name(), result.test(), result.keptRatio(), ratio)).stream()).toList());
    }

    List<String> sentences() {
        List<String> sentences = new ArrayList<>(speed.common());
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

    /** What an arm does in prompts or in generation: speed first, then accuracy. */
    private Optional<String> phase(String arm, AttentionPhase phase) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        Optional<ArmSummary> summary = ArmSummary.of(results, phase).stream().filter(each -> each.arm().equals(arm)).findFirst();
        boolean measured = results.pooledAccuracy(arm).flatMap(result -> prompts ? result.prefill() : result.decode()).isPresent();
        if (measured && summary.isEmpty()) {
            return Optional.of(prompts ? "Prompts stay dense." : "Generation stays dense.");
        }
        List<String> parts = new ArrayList<>();
        speed.of(arm, prompts).ifPresent(parts::add);
        summary.ifPresent(each -> parts.add((prompts ? "In prompts " : "In generation ") + accuracy(each.accuracy()) + "."));
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", parts));
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
