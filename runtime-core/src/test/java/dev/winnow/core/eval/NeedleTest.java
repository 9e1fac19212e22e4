package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NeedleTest {

    private static final String HAY = FakeText.of(1500, 4);
    private static final FakeTokenizer TOKENIZER = new FakeTokenizer(true);

    private static NeedlePrompt prompt(NeedleKind kind, int length, double depth, long seed) {
        return NeedlePrompt.build(TOKENIZER, new Haystack(TOKENIZER, HAY), kind, length, depth, seed, 6);
    }

    @Test
    void promptsHaveTheExactLengthAndTheNeedleBetweenSentences() {
        for (NeedleKind kind : NeedleKind.values()) {
            for (int length : new int[]{300, 777, 4001}) {
                for (double depth : new double[]{0, 0.33, 0.5, 1}) {
                    NeedlePrompt prompt = prompt(kind, length, depth, 5);
                    assertEquals(length, prompt.tokens().length);
                    assertEquals(FakeTokenizer.BOS, prompt.tokens()[0]);
                    String text = TOKENIZER.decode(prompt.tokens(), false);
                    int at = text.indexOf(prompt.key());
                    assertTrue(at >= 0, text);
                    int begin = text.lastIndexOf('\n', at);
                    String before = text.substring(0, begin);
                    assertTrue(before.isEmpty() || Sentences.isEnd(before), before);
                    assertTrue(text.endsWith(" is") || text.endsWith(" is to") || text.endsWith(" is ") || text.endsWith(" is to "), text);
                    // a sentence of the text has at most 100 characters, and the needle moves by half of one, or back by one at the end
                    assertEquals(depth, prompt.depth(), (depth < 1 ? 60.0 : 110.0) / (length - 220));
                }
            }
        }
    }

    @Test
    void answersBeginWhereThePromptEnds() {
        NeedlePrompt prompt = prompt(NeedleKind.PASS_KEY, 400, 0.5, 1);
        assertEquals(7, prompt.answers().size());
        String question = TOKENIZER.decode(prompt.tokens(), false);
        for (int[] answer : prompt.answers()) {
            String whole = question + TOKENIZER.decode(answer, false);
            assertTrue(whole.matches("(?s).*The pass key is \\d{5}"), whole);
        }
        assertTrue((question + TOKENIZER.decode(prompt.answers().getFirst(), false)).endsWith(" " + prompt.key()));
    }

    @Test
    void equalSeedsGiveEqualPrompts() {
        assertArrayEquals(prompt(NeedleKind.TWO_KEYS, 500, 0.2, 9).tokens(), prompt(NeedleKind.TWO_KEYS, 500, 0.2, 9).tokens());
        assertNotEquals(prompt(NeedleKind.TWO_KEYS, 500, 0.2, 9).key(), prompt(NeedleKind.TWO_KEYS, 500, 0.2, 10).key());
    }

    @Test
    void theOtherKeyIsAmongTheDecoysAndInTheText() {
        NeedlePrompt prompt = prompt(NeedleKind.TWO_KEYS, 900, 0.1, 3);
        String text = TOKENIZER.decode(prompt.tokens(), false);
        List<String> inText = prompt.answers().stream().map(answer -> TOKENIZER.decode(answer, false).strip()).filter(text::contains)
                .toList();
        assertEquals(2, inText.size());
        assertEquals(prompt.key(), inText.getFirst());
    }

    @Test
    void denseFindsTheNeedleAndAShortWindowDoesNot() {
        EvalArm dense = EvalArm.dense(SessionOptions.defaults());
        EvalArm recent = new EvalArm("recent",
                SessionOptions.defaults().withRefiner("recent", Settings.of("recent", Map.of("window", "120"))));
        Needle.Options options = new Needle.Options(List.of(NeedleKind.values()), List.of(1000), List.of(0.1, 0.5), List.of(1L, 2L), 5, 60);
        List<NeedleResult> told = new ArrayList<>();
        List<NeedleResult> results = Needle.run(new FakeModel(true), List.of(dense, recent), HAY, options, told::add);
        assertEquals(Set.copyOf(told), Set.copyOf(results));
        assertEquals(results.size(), told.size());
        assertEquals(List.of("dense", "recent", "dense"), results.subList(0, 3).stream().map(NeedleResult::arm).toList());
        assertEquals(3 * 2 * 2 * 2, results.size());
        for (NeedleResult result : results) {
            if (result.arm().equals("dense")) {
                assertTrue(result.found(), result.toString());
                assertEquals(1, result.rank());
                assertTrue(result.margin() > 0, result.toString());
                assertEquals(1, result.keptRatio());
            } else {
                assertFalse(result.found(), result.toString());
                assertTrue(result.keptRatio() < 0.5);
            }
            assertEquals(NeedleResult.columns().size(), result.row().cells().size());
        }
        List<NeedleSummary> summaries = NeedleSummary.of(results);
        assertEquals(3 * 2 * 2, summaries.size());
        for (NeedleSummary summary : summaries) {
            assertEquals(2, summary.count());
            assertEquals(summary.arm().equals("dense") ? 1 : 0, summary.found());
            assertEquals(NeedleSummary.columns().size(), summary.row().cells().size());
        }
        assertEquals("pass-key", results.getFirst().row().fields().get("needle"));
    }

    @Test
    void scoresAreTheLogProbabilitiesOfTheAnswers() {
        FakeModel model = new FakeModel(true);
        int[] prompt = TOKENIZER.encode(FakeText.of(300, 8), true, false);
        int[] answer = TOKENIZER.encode("garden holds a quiet", false, false); // longer than what the fake session can be cut by
        try (Session session = model.newSession(SessionOptions.defaults())) {
            session.append(prompt);
            try (AnswerScorer scorer = new AnswerScorer(session, session.logits())) {
                double expected = 0;
                try (Session naive = model.newSession(SessionOptions.defaults())) {
                    naive.append(prompt);
                    for (int token : answer) {
                        float[] logits = naive.logits();
                        double sum = 0;
                        for (float logit : logits) {
                            sum += Math.exp(logit);
                        }
                        expected += logits[token] - Math.log(sum);
                        naive.append(token);
                    }
                }
                for (int repeat = 0; repeat < 3; repeat++) {
                    assertEquals(expected, scorer.logProbability(answer), 1e-5);
                    assertEquals(scorer.logProbability(new int[]{65}), scorer.logProbability(new int[]{65}));
                }
            }
            assertEquals(prompt.length, session.length());
        }
    }

    @Test
    void impossibleRequestsAreErrors() {
        assertThrows(WinnowException.class, () -> prompt(NeedleKind.PASS_KEY, 50, 0.5, 1));
        assertThrows(WinnowException.class, () -> new Haystack(TOKENIZER, ""));
        List<NeedleKind> kinds = List.of(NeedleKind.PASS_KEY);
        assertThrows(WinnowException.class, () -> new Needle.Options(kinds, List.of(100), List.of(1.5), List.of(1L), 1, 1));
        assertThrows(WinnowException.class, () -> new Needle.Options(kinds, List.of(0), List.of(0.5), List.of(1L), 1, 1));
        assertThrows(WinnowException.class, () -> new Needle.Options(kinds, List.of(100), List.of(0.5), List.of(1L), -1, 1));
        assertThrows(WinnowException.class, () -> new Needle.Options(kinds, List.of(100), List.of(0.5), List.of(1L), 1, 0));
        assertEquals(NeedleKind.TWO_KEYS, NeedleKind.parse("two-keys"));
        WinnowException error = assertThrows(WinnowException.class, () -> NeedleKind.parse("key"));
        assertTrue(error.toString().contains("pass-key, sentence, two-keys"), error.toString());
    }

    @Test
    void textWithoutSentencesIsAHaystackToo() {
        NeedlePrompt prompt = NeedlePrompt.build(TOKENIZER, new Haystack(TOKENIZER, "x"), NeedleKind.SENTENCE, 600, 0.25, 2, 100);
        assertEquals(600, prompt.tokens().length);
        assertEquals(64, prompt.answers().size(), "there are 64 things to do");
    }
}
