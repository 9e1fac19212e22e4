package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PerplexityTest {

    private static final String TEXT = FakeText.of(1000, 1);
    private static final SessionOptions OPTIONS = SessionOptions.defaults().withContextLength(64);

    /** The definition in double precision: every scored token alone, from a new session. */
    private static List<Double> losses(FakeModel model, SessionOptions options, int chunkLength, int chunks, int firstScored) {
        int[] tokens = model.tokenizer().encode(TEXT, true, false);
        List<Double> losses = new ArrayList<>();
        for (int chunk = 0; chunk < chunks; chunk++) {
            for (int i = firstScored; i <= chunkLength - 2; i++) {
                try (Session session = model.newSession(options)) {
                    for (int j = 0; j <= i; j++) {
                        boolean bos = j == 0 && model.tokenizer().addsBos();
                        session.append(bos ? FakeTokenizer.BOS : tokens[chunk * chunkLength + j]);
                    }
                    float[] logits = session.logits();
                    double sum = 0;
                    for (float logit : logits) {
                        sum += Math.exp(logit);
                    }
                    losses.add(Math.log(sum) - logits[tokens[chunk * chunkLength + i + 1]]);
                }
            }
        }
        return losses;
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    @Test
    void scoresTheSecondHalfOfEachChunk() {
        for (boolean addsBos : new boolean[]{true, false}) {
            FakeModel model = new FakeModel(addsBos);
            List<Integer> numbers = new ArrayList<>();
            Perplexity.Result result = Perplexity.measure(model, OPTIONS, TEXT, 3, 0, (number, ppl) -> numbers.add(number));
            List<Double> losses = losses(model, OPTIONS, 64, 3, 32);
            assertEquals(93, result.tokensScored());
            assertEquals(List.of(1, 2, 3), numbers);
            double expected = Math.exp(mean(losses));
            // Exponentials are rounded to float: 258 relative errors of 6e-8 in a sum move its logarithm by less than 1e-7.
            assertEquals(expected, result.perplexity(), 1e-6 * expected);
            assertEquals(Math.exp(mean(losses.subList(0, 31))), result.running().get(0), 1e-6 * expected);
            assertEquals(result.perplexity(), result.running().get(2));
            double mean = mean(losses);
            double variance = losses.stream().mapToDouble(v -> (v - mean) * (v - mean)).average().orElseThrow();
            assertEquals(expected * Math.sqrt(variance / 92), result.error(), 1e-6 * expected);
        }
    }

    @Test
    void decodeScoresTheLastTokensOfEachChunk() {
        FakeModel model = new FakeModel(true);
        Perplexity.Result result = Perplexity.measure(model, OPTIONS, TEXT, 2, 5, (number, ppl) -> {});
        assertEquals(10, result.tokensScored());
        double expected = Math.exp(mean(losses(model, OPTIONS, 64, 2, 58)));
        assertEquals(expected, result.perplexity(), 1e-6 * expected);
        assertThrows(WinnowException.class, () -> Perplexity.measure(model, OPTIONS, TEXT, 2, 63, (number, ppl) -> {}));
    }

    @Test
    void allChunksAreMeasuredAndTheTailIsLeftOut() {
        FakeModel model = new FakeModel(false);
        int tokens = model.tokenizer().encode(TEXT, true, false).length;
        Perplexity.Result result = Perplexity.measure(model, OPTIONS, TEXT, 0, 0, (number, ppl) -> {});
        assertEquals(tokens / 64, result.running().size());
    }

    @Test
    void aShortTextIsAnErrorThatSaysHowMuchIsNeeded() {
        WinnowException error = assertThrows(WinnowException.class, () -> Perplexity.measure(new FakeModel(true), OPTIONS,
                TEXT.substring(0, 100), 0, 0, (number, ppl) -> {}));
        assertTrue(
                error.toString().contains("101 tokens (100 characters)") && error.toString().contains("128 tokens (about 127 characters)"),
                error.toString());
        assertThrows(WinnowException.class, () -> Perplexity.measure(new FakeModel(true), OPTIONS, "", 0, 0, (number, ppl) -> {}));
        assertThrows(WinnowException.class,
                () -> Perplexity.measure(new FakeModel(true), OPTIONS.withContextLength(3), TEXT, 0, 0, (number, ppl) -> {}));
    }

    @Test
    void aRefinerThatRemovesNothingIsAnError() {
        SessionOptions idle = OPTIONS.withRefiner("recent", Settings.of("recent", Map.of("window", "64")));
        WinnowException error = assertThrows(WinnowException.class,
                () -> Perplexity.measure(new FakeModel(true), idle, TEXT, 2, 0, (number, ppl) -> {}));
        assertTrue(error.toString().contains("refiner inactive: recent window=64"), error.toString());
        SessionOptions active = OPTIONS.withRefiner("recent", Settings.of("recent", Map.of("window", "63")));
        assertEquals(62, Perplexity.measure(new FakeModel(true), active, TEXT, 2, 0, (number, ppl) -> {}).tokensScored());
    }

    @Test
    void theLastLineIsThatOfLlamaPerplexity() {
        Perplexity.Result result = new Perplexity.Result(24.14061, 2.199918, List.of(24.14061), 1020, 512,
                Sparsity.unmeasured(List.of()));
        assertEquals("Final estimate: PPL = 24.1406 +/- 2.19992", result.finalEstimate());
        assertEquals("{n_ctx=512, n_chunks=1, n_tokens=1020, ppl=24.14061, ppl_error=2.199918, ppl_running=[24.14061]}",
                result.fields().toString());
    }
}
