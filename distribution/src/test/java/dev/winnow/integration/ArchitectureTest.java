package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Cancellation;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.spi.KvType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The logits of tiny models of every architecture against llama.cpp, in one batch and token by token. */
class ArchitectureTest {

    private static final String NAMES = "gemma, gemma2, gemma3, gemma3_scaled, llama_headdim, llama_linear, llama_mha, llama_moe, llama_ropefreqs, llama_tied, "
            + "llama_yarn, mistral3_yarn, phi3, phi3_longrope, qwen2, qwen2_untied, qwen3, qwen3moe, smollm3";

    @ParameterizedTest
    @CsvSource({"reference, 2", "cpu, 1", "cpu, 2"})
    void logitsEqualLlamaCpp(String backend, int threads) throws IOException {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(threads).build()) {
            for (String name : NAMES.split(", ", -1)) {
                compare(runtime, backend, name);
            }
        }
    }

    private static void compare(InferenceRuntime runtime, String backend, String name) throws IOException {
        // llama.cpp itself differs from a float64 pass by up to 7e-5, with Gemma's tabulated GELU by up to 1.1e-2.
        float tolerance = name.startsWith("gemma") ? 2e-2f : 5e-4f;
        JsonNode description = Fixtures.json(Fixtures.fixture("arch/" + name + ".json"));
        float[] expected = Fixtures.floats(Fixtures.fixture("arch/" + name + ".bin"));
        Path file = Fixtures.fixture("arch/" + name + ".gguf");
        try (Model model = runtime.load(file, ModelOptions.defaults().withBackend(backend))) {
            for (JsonNode example : description.get("cases")) {
                int[] tokens = Fixtures.ints(example.get("tokens"));
                int first = example.get("n_first_batch").asInt();
                Comparison comparison = new Comparison(name + "/" + example.get("name").asString() + " with " + backend, example, expected,
                        tolerance);
                SessionOptions options = SessionOptions.defaults().withKvType(KvType.F32).withContextLength(example.get("n_ctx").asInt());
                try (Session session = model.newSession(options)) {
                    session.append(Arrays.copyOf(tokens, first), comparison, Cancellation.never(), ProgressListener.SILENT);
                    for (int i = first; i < tokens.length; i++) {
                        session.append(new int[]{tokens[i]}, comparison, Cancellation.never(), ProgressListener.SILENT);
                    }
                }
                comparison.requireComplete();
            }
        }
    }

    private static final class Comparison implements LogitsConsumer {

        private final String name;
        private final int[] positions;
        private final int offset;
        private final float[] expected;
        private final float tolerance;
        private final Set<Integer> seen = new TreeSet<>();

        Comparison(String name, JsonNode example, float[] expected, float tolerance) {
            this.name = name;
            this.positions = Fixtures.ints(example.get("positions"));
            this.offset = example.get("offset_f32").asInt();
            this.expected = expected;
            this.tolerance = tolerance;
        }

        @Override
        public boolean wants(int position) {
            return Arrays.stream(positions).anyMatch(p -> p == position);
        }

        @Override
        public void accept(int position, float[] logits) {
            seen.add(position);
            int row = Arrays.binarySearch(positions, position);
            float largest = 0;
            for (int i = 0; i < logits.length; i++) {
                float difference = Math.abs(logits[i] - expected[offset + row * logits.length + i]);
                largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
            }
            assertTrue(largest <= tolerance, name + " differs by " + largest + " at position " + position);
        }

        void requireComplete() {
            assertTrue(seen.size() == positions.length, name + ": " + seen.size() + " of " + positions.length + " positions were computed");
        }
    }
}
