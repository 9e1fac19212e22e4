package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.eval.Perplexity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Perplexity of the real models on the essays against llama-perplexity. */
class PerplexityTest {

    /** Relative: llama.cpp's own modes spread by up to 0.7 %, single chunks by more. */
    private static final double TOLERANCE = 0.01;

    @ParameterizedTest
    @ValueSource(strings = {"SmolLM2-135M-Instruct.Q4_1.gguf", "gemma-3-270m-q4_k_m.gguf"})
    void equalsLlamaPerplexity(String file) throws IOException {
        JsonNode reference = Fixtures.json(Fixtures.fixture("perplexity.json"));
        byte[] essays = Files.readAllBytes(Fixtures.model("essays-330k.txt"));
        String text = new String(Arrays.copyOf(essays, reference.get("text_bytes").asInt()), StandardCharsets.UTF_8);
        for (JsonNode result : reference.get("results")) {
            if (result.get("model").asString().equals(file)) {
                try (InferenceRuntime runtime = InferenceRuntime.builder().build();
                        Model model = runtime.load(Fixtures.model(file), ModelOptions.defaults())) {
                    Perplexity.Result measured = Perplexity.measure(model, SessionOptions.defaults().withContextLength(512), text, 4, 0,
                            (chunk, value) -> {});
                    assertEquals(result.get("tokens_scored").asInt(), measured.tokensScored());
                    double expected = result.get("ppl").asDouble();
                    assertEquals(expected, measured.perplexity(), TOLERANCE * expected);
                    double error = result.get("modes").get("fa_on_kv_f16").get("stderr").asDouble();
                    assertEquals(error, measured.error(), 3 * TOLERANCE * error);
                }
            }
        }
    }
}
