package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.ProgressListener;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArmAccuracyTest {

    private static final String TEXT = FakeText.of(3000, 3);
    private static final SessionOptions DEFAULTS = SessionOptions.defaults();
    private static final EvalArm DENSE = EvalArm.dense(DEFAULTS);

    @TempDir
    private Path folder;

    private static EvalArm recent(int window) {
        return new EvalArm("recent", DEFAULTS.withRefiner("recent", Settings.of("recent", Map.of("window", String.valueOf(window)))));
    }

    /** The file of log-probabilities holds them in 16 bits, so that both ways differ by its rounding: a step is 1/65535 of at most 16. */
    @Test
    void agreesWithTheComparisonThroughAFile() {
        FakeModel model = new FakeModel(true);
        Path file = folder.resolve("base.kld");
        SessionOptions context = DEFAULTS.withContextLength(700);
        Perplexity.Result dense = Perplexity.measureAndSave(model, context, TEXT, 2, file, (chunk, perplexity) -> {},
                ProgressListener.SILENT);
        KlStatistics expected = KlComparison.measure(model, recent(40).options().withContextLength(700), file, 2, 0,
                (chunk, statistics) -> {}, ProgressListener.SILENT).statistics();
        List<ArmAccuracy.Result> results = ArmAccuracy.run(model, List.of(DENSE, recent(40)), TEXT, new ArmAccuracy.Options(700, 2, 1, 0),
                ProgressListener.SILENT);
        assertEquals(dense.perplexity(), results.getFirst().prefill().orElseThrow().ppl().value(), 1e-4 * dense.perplexity());
        assertEquals(0, results.getFirst().prefill().orElseThrow().kld().value(), 1e-6);
        KlStatistics actual = results.getLast().prefill().orElseThrow();
        assertEquals(expected.count(), actual.count());
        assertEquals(expected.ppl().value(), actual.ppl().value(), 1e-4 * expected.ppl().value());
        assertEquals(expected.kld().value(), actual.kld().value(), 1e-3);
        assertTrue(results.getLast().sparsity().keptPrefill() < 0.5);
    }

    @Test
    void comparesSingleTokensToo() {
        List<Integer> told = new ArrayList<>();
        List<ArmAccuracy.Result> results = ArmAccuracy.run(new FakeModel(true), List.of(DENSE, recent(40)), TEXT,
                new ArmAccuracy.Options(600, 2, 7, 20), (done, total) -> told.add(done * 100 / total));
        for (ArmAccuracy.Result result : results) {
            assertEquals(2 * 20, result.decode().orElseThrow().count());
            assertEquals(2 * 40, result.prefill().orElseThrow().count()); // every 7th of the 279 positions from 300 to 578
        }
        assertEquals(100, told.getLast());
    }

    @Test
    void resultsOfTwoTextsAreThoseOfAllTheirPositions() {
        FakeModel model = new FakeModel(true);
        List<EvalArm> arms = List.of(DENSE, recent(40));
        ArmAccuracy.Options options = new ArmAccuracy.Options(500, 1, 3, 30);
        List<ArmAccuracy.Result> both = ArmAccuracy.run(model, arms, TEXT, new ArmAccuracy.Options(500, 2, 3, 30), ProgressListener.SILENT);
        List<ArmAccuracy.Result> first = ArmAccuracy.run(model, arms, TEXT, options, ProgressListener.SILENT);
        // the fake tokenizer has a token for each byte, so that this text has the second chunk as its first
        List<ArmAccuracy.Result> second = ArmAccuracy.run(model, arms, TEXT.substring(500), options, ProgressListener.SILENT);
        for (int arm = 0; arm < arms.size(); arm++) {
            ArmAccuracy.Result sum = first.get(arm).plus(second.get(arm));
            assertEquals(both.get(arm).sparsity(), sum.sparsity());
            KlStatistics expected = both.get(arm).decode().orElseThrow();
            KlStatistics actual = sum.decode().orElseThrow();
            assertEquals(both.get(arm).prefill().orElseThrow().kldDistribution(), sum.prefill().orElseThrow().kldDistribution());
            assertEquals(expected.count(), actual.count());
            assertEquals(expected.deltaPDistribution(), actual.deltaPDistribution());
            assertEquals(expected.sameTop(), actual.sameTop());
            assertEquals(expected.ppl().value(), actual.ppl().value(), 1e-9); // sums of doubles in another order
            assertEquals(expected.pplRatio().error(), actual.pplRatio().error(), 1e-9);
            assertEquals(expected.kld().value(), actual.kld().value(), 1e-9);
        }
    }

    @Test
    void inactiveRefinersAndShortTextsAreErrors() {
        FakeModel model = new FakeModel(true);
        ArmAccuracy.Options options = new ArmAccuracy.Options(100, 1, 1, 0);
        WinnowException inactive = assertThrows(WinnowException.class,
                () -> ArmAccuracy.run(model, List.of(DENSE, recent(5000)), TEXT, options, ProgressListener.SILENT));
        assertTrue(inactive.toString().contains("refiner inactive"), inactive.toString());
        assertThrows(WinnowException.class, () -> ArmAccuracy.run(model, List.of(DENSE), "short", options, ProgressListener.SILENT));
        assertThrows(WinnowException.class, () -> new ArmAccuracy.Options(100, 1, 0, 0));
        assertThrows(WinnowException.class, () -> new ArmAccuracy.Options(100, 1, 1, 50));
    }
}
