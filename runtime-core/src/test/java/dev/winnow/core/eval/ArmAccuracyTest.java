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
        assertEquals(dense.perplexity(), results.getFirst().prefill().ppl().value(), 1e-4 * dense.perplexity());
        assertEquals(0, results.getFirst().prefill().kld().value(), 1e-6);
        KlStatistics actual = results.getLast().prefill();
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
            assertEquals(2 * 20, result.decode().count());
            assertEquals(2 * 40, result.prefill().count()); // every 7th of the 279 positions from 300 to 578
        }
        assertEquals(100, told.getLast());
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
