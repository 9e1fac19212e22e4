package dev.winnow.launcher.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.LogSoftmax;
import dev.winnow.core.eval.Spread;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArmSummaryTest {

    /** The further the first logit is from that of dense attention, the larger the divergence. */
    private static ArmSummary arm(String name, double kept, double choosing, double speed, float distance) {
        float[] base = {1, 0, -1};
        KlDivergence divergence = new KlDivergence();
        for (int i = 0; i < 20; i++) {
            divergence.add(LogSoftmax.logProbabilities(base), new float[]{1 - distance, 0, -1}, 0);
        }
        Optional<Spread> ratio = speed == 0 ? Optional.empty() : Optional.of(new Spread(speed, 0.01, 3));
        return new ArmSummary(name, kept, choosing, divergence.statistics(), ratio, false);
    }

    private static List<String> front(ArmSummary... arms) {
        return ArmSummary.judged(List.of(arms)).stream().filter(ArmSummary::onFront).map(ArmSummary::arm).toList();
    }

    @Test
    void theFrontIsWhatNothingBeats() {
        ArmSummary dense = arm("dense", 1, 0, 1, 0);
        assertEquals(List.of("dense", "near", "fast"), front(dense, arm("near", 0.5, 0.1, 1.4, 0.1f), arm("fast", 0.2, 0, 2, 1),
                arm("slow", 0.1, 0.5, 0.3, 0.05f), arm("worse", 0.4, 0, 1.3, 0.2f)));
        assertEquals(List.of("dense", "same", "twin"), front(dense, arm("same", 0.5, 0, 1.5, 0.1f), arm("twin", 0.6, 0, 1.5, 0.1f)));
    }

    @Test
    void withoutSpeedTheWorkCounts() {
        assertEquals(List.of("dense", "cheap"), front(arm("dense", 1, 0, 0, 0), arm("cheap", 0.4, 0.05, 0, 0.1f),
                arm("choosy", 0.2, 0.5, 0, 0.1f), arm("costly", 0.6, 0.5, 0, 0.05f)));
    }
}
