package dev.winnow.launcher.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Spread;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpeedFindingsTest {

    private static final BenchTest SHORT = new BenchTest(512, 0, 0);
    private static final BenchTest DEEP = new BenchTest(512, 0, 8192);
    private static final BenchTest GENERATION = new BenchTest(0, 32, 8192);

    private static SpeedFindings.Timed timed(String arm, BenchTest test, double kept, double ratio, double deviation, int runs) {
        return new SpeedFindings.Timed(arm, test, kept, new Spread(ratio, deviation, runs));
    }

    private static SpeedFindings findings(SpeedFindings.Timed... timed) {
        return new SpeedFindings(List.of(timed));
    }

    @Test
    void onlyWhatTheRunsMakeCertainIsSaid() {
        // 4.303 × 0.03 / √3 = 0.075 of doubt, twice as much as two standard errors
        SpeedFindings findings = findings(timed("fast", DEEP, 0.3, 1.08, 0.03, 3), timed("near", DEEP, 0.3, 1.07, 0.03, 3),
                timed("slow", DEEP, 0.3, 0.90, 0.03, 3), timed("far", DEEP, 0.3, 0.93, 0.03, 3), timed("none", DEEP, 0.3, 1.04, 0, 3));
        assertEquals(List.of(), findings.common());
        assertEquals(Optional.of("Prompts run faster after 8192 tokens (1.08 ×)."), findings.of("fast", true));
        assertEquals(Optional.of("Prompts run slower after 8192 tokens (0.90 ×)."), findings.of("slow", true));
        for (String arm : List.of("near", "far", "none")) {
            assertEquals(Optional.of("Prompts run without a certain gain of 5 % after 8192 tokens."), findings.of(arm, true));
        }
        assertEquals(Optional.empty(), findings.of("fast", false));
    }

    @Test
    void whereNoArmPaysIsSaidOnce() {
        SpeedFindings findings = findings(timed("a", GENERATION, 0.3, 1.08, 0.1, 3), timed("b", GENERATION, 0.3, 0.8, 0.01, 3),
                timed("a", DEEP, 0.3, 1.5, 0.01, 3), timed("b", DEEP, 0.3, 1.0, 0.01, 3));
        assertEquals(List.of("No arm is certain to pay in generation after 8192 tokens: none is faster than dense attention there by 5 % "
                + "and by more than chance may explain."), findings.common());
        assertEquals(Optional.empty(), findings.of("a", false));
        assertEquals(Optional.of("Generation runs slower after 8192 tokens (0.80 ×)."), findings.of("b", false));
        assertEquals(Optional.of("Prompts run without a certain gain of 5 % after 8192 tokens."), findings.of("b", true));
    }

    @Test
    void anArmThatKeepsEveryKeyCannotDiffer() {
        SpeedFindings findings = findings(timed("a", SHORT, 1, 1.5, 0.01, 3), timed("b", SHORT, 0.5, 1.2, 0.01, 3),
                timed("a", DEEP, 0.3, 1.5, 0.01, 3), timed("a", GENERATION, 1, 0.5, 0.01, 3), timed("b", GENERATION, 1, 1.5, 0.01, 3));
        assertEquals(List.of("Every arm keeps every key in generation after 8192 tokens."), findings.common());
        assertEquals(Optional.of("Prompts run faster after 8192 tokens (1.50 ×). It keeps every key in prompts of 512 tokens."),
                findings.of("a", true));
        assertEquals(Optional.empty(), findings.of("a", false));
        assertEquals(Optional.of("Prompts run faster with 512 tokens (1.20 ×)."), findings.of("b", true));
    }

    @Test
    void twoRunsSayNothing() {
        SpeedFindings findings = findings(timed("a", DEEP, 0.3, 3, 0, 2), timed("a", GENERATION, 0.3, 0.3, 0, 2));
        assertEquals(List.of("Speed was measured in too few runs to tell differences from chance: that takes three or more (`-r`)."),
                findings.common());
        assertEquals(Optional.empty(), findings.of("a", true));
        assertEquals(Optional.empty(), findings.of("a", false));
    }
}
