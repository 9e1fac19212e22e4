package dev.winnow.core.calibration;

import dev.winnow.api.PhaseStatistics;
import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.KlStatistics;
import java.util.List;

/**
 * What a choice of keys has shown on some texts.
 *
 * @param statistics    how far the predictions are from those of dense attention
 * @param keptRatio     share of keys that were kept
 * @param selectionRatio multiply-adds of choosing, relative to those of dense attention
 */
record Trial(KlStatistics statistics, double keptRatio, double selectionRatio) {

    /** Returns what was compared so far, and the mean of what the sessions have cost. */
    static Trial of(KlDivergence divergence, List<PhaseStatistics> costs) {
        return new Trial(divergence.statistics(), costs.stream().mapToDouble(PhaseStatistics::keptRatio).average().orElse(1),
                costs.stream().mapToDouble(PhaseStatistics::selectionRatio).average().orElse(0));
    }

    /** Returns the relative change of the perplexity, for example 0.005 for +0.5 %. */
    double pplChange() {
        return statistics.pplRatio().value() - 1;
    }

    /** Returns the standard error of {@link #pplChange()}. */
    double pplChangeError() {
        return statistics.pplRatio().error();
    }
}
