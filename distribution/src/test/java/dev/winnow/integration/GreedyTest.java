package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Greedy continuations of the real models against llama.cpp with weights that were dequantised to F32, because Winnow does not round activations either. */
class GreedyTest {

    /** llama.cpp's own modes diverge at gaps of up to 0.27 between the best two logits. */
    private static final double CLOSE_CALL = 0.5;

    /** Tokens that are generated one by one. */
    private static final int STEPS = 12;

    private static final SessionOptions OPTIONS = SessionOptions.defaults().withKvType(KvType.F32).withContextLength(1024);

    @ParameterizedTest
    @CsvSource({"smollm2, SmolLM2-135M-Instruct.Q4_1.gguf", "gemma3, gemma-3-270m-q4_k_m.gguf"})
    void continuationsEqualLlamaCpp(String fixture, String file) throws IOException {
        JsonNode cases = Fixtures.json(Fixtures.fixture("greedy/" + fixture + ".json")).get("cases");
        try (InferenceRuntime runtime = InferenceRuntime.builder().build();
                Model model = runtime.load(Fixtures.model(file), ModelOptions.defaults())) {
            int generated = 0;
            for (JsonNode example : cases) {
                int[] prompt = Fixtures.ints(example.get("prompt_ids"));
                String text = example.get("prompt").asString();
                assertArrayEquals(prompt, model.tokenizer().encode(text, true, example.get("parse_special").asBoolean()), text);
                generated += check(model, prompt, example.get("f32_weights"), text);
            }
            int most = cases.size() * STEPS;
            assertTrue(4 * generated >= 3 * most, "close calls left only " + generated + " of " + most + " steps of generation to compare");
        }
    }

    /**
     * All tokens are predicted from the reference's own ones at once, as a prompt, and the first ones also one by one, as in generation.
     *
     * @return how many tokens were compared in generation
     */
    private static int check(Model model, int[] prompt, JsonNode reference, String text) {
        int[] expected = Fixtures.ints(reference.get("generated_ids"));
        List<Integer> chosen = new ArrayList<>();
        try (Session session = model.newSession(OPTIONS)) {
            int[] whole = Arrays.copyOf(prompt, prompt.length + expected.length);
            System.arraycopy(expected, 0, whole, prompt.length, expected.length);
            session.append(whole, new LogitsConsumer() {
                @Override
                public boolean wants(int position) {
                    return position >= prompt.length - 1 && position < whole.length - 1;
                }

                @Override
                public void accept(int position, float[] logits) {
                    chosen.add(best(logits));
                }
            }, Cancellation.never(), ProgressListener.SILENT);
        }
        assertEquals(expected.length, chosen.size(), text);
        for (int step = 0; step < expected.length; step++) {
            agrees(chosen.get(step), reference, step, text);
        }
        try (Session session = model.newSession(OPTIONS)) {
            session.append(prompt);
            for (int step = 0; step < STEPS; step++) {
                int token = best(session.logits());
                if (!agrees(token, reference, step, text)) {
                    return step; // after a close call the continuations are different texts
                }
                session.append(token);
            }
            return STEPS;
        }
    }

    /** Returns whether a token is the reference's; another one must be a close call. */
    private static boolean agrees(int chosen, JsonNode reference, int step, String text) {
        int expected = reference.get("generated_ids").get(step).asInt();
        JsonNode top = reference.get("steps").get(step);
        double gap = top.get(0).get(1).asDouble() - top.get(1).get(1).asDouble();
        assertTrue(chosen == expected || gap < CLOSE_CALL,
                "'" + text + "' diverges at step " + step + " to " + chosen + " instead of " + expected + ", at a gap of " + gap);
        return chosen == expected;
    }

    private static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
