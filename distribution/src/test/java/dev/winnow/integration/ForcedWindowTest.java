package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.Settings;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A window that a user forces on a model with windows of its own is a choice: what it removes counts as removed, and what the model never looks at does not. */
class ForcedWindowTest {

    private static final int TOKENS = 900;

    private record Outcome(List<Boolean> required, PhaseStatistics statistics, List<Float> logits) {}

    private static Outcome run(Model model, Map<String, String> settings) {
        SessionOptions options = SessionOptions.defaults().withContextLength(TOKENS);
        if (!settings.isEmpty()) {
            options = options.withRefiner("swa", Settings.of("swa", settings));
        }
        try (Session session = model.newSession(options)) {
            session.append(IntStream.range(0, TOKENS).map(i -> i == 0 ? 2 : 1000 + i * 7919 % 5000).toArray());
            return new Outcome(session.refiners().stream().map(refiner -> refiner.required()).toList(),
                    session.statistics(AttentionPhase.PREFILL), list(session.logits()));
        }
    }

    private static List<Float> list(float[] values) {
        return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
    }

    @Test
    void whatItRemovesIsCounted() {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(Fixtures.model("gemma-3-270m-q4_k_m.gguf"), ModelOptions.defaults())) {
            Outcome own = run(model, Map.of());
            Outcome forced = run(model, Map.of("window", "300", "sinks", "0"));
            Outcome idle = run(model, Map.of("window", "900"));
            assertEquals(List.of(true), own.required);
            assertEquals(List.of(true, false), forced.required);
            assertEquals(own.statistics.baseKeys(), own.statistics.keptKeys());
            assertEquals(own.statistics.baseKeys(), forced.statistics.baseKeys());
            long kept = 0; // the last layer computes only the last position, whose logits are asked for
            for (LayerSpec layer : model.layers()) {
                int first = layer.index() == model.layers().size() - 1 ? TOKENS - 1 : 0;
                kept += layer.attention().headCount() * IntStream.range(first, TOKENS).mapToLong(i -> Math.min(i + 1, 300)).sum();
            }
            assertEquals(kept, forced.statistics.keptKeys());
            assertEquals(own.statistics.baseKeys(), idle.statistics.keptKeys());
            assertEquals(own.logits, idle.logits);
        }
    }
}
