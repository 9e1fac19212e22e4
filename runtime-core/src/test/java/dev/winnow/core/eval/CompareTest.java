package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompareTest {

    private static final FakeModel MODEL = new FakeModel(true);
    private static final List<int[]> PROMPTS = PromptTexts.cut(FakeText.of(6000, 2), 100, 150, 2, 1).stream()
            .map(text -> MODEL.tokenizer().encode(text, true, false)).toList();

    private static EvalArm recent(int window) {
        return new EvalArm("recent" + window, SessionOptions.defaults().withRefiner("recent", Settings.of("recent",
                Map.of("window", String.valueOf(window)))));
    }

    @Test
    void comparesEveryArmWithTheFirst() {
        EvalArm dense = EvalArm.dense(SessionOptions.defaults());
        List<CompareResult> results = Compare.run(MODEL, List.of(dense, dense, recent(30)), PROMPTS, 40, true, result -> {});
        assertEquals(6, results.size());
        for (CompareResult result : results) {
            assertEquals(CompareResult.columns().size(), result.row().cells().size());
            if (result.arm().name().equals("dense")) {
                assertEquals(1, result.ratio());
                assertEquals(1, result.tokenRatio());
                assertEquals(1, result.agreement());
                assertEquals(-1, result.firstDifference());
                assertEquals("dense", result.sparsity().names());
                assertEquals(40, result.tokens());
            } else {
                assertTrue(result.ratio() < 1, result.toString());
                assertTrue(result.sparsity().keptPrefill() < 0.2 && result.sparsity().keptDecode() < 0.2);
                assertTrue(result.agreement() < 1, result.toString());
                assertTrue(result.firstDifference() >= 0);
                String base = results.get(3 * result.prompt()).text();
                assertEquals(SequenceMatcher.of(base, result.text()).ratio(), result.ratio());
                int same = result.firstDifference();
                assertEquals(base.substring(0, same), result.text().substring(0, same));
                assertNotEquals(base.charAt(same), result.text().charAt(same));
                assertTrue(result.agreement() >= same / 40.0, "tokens agree at least up to the first difference");
            }
        }
    }

    @Test
    void inactiveRefinersAndEmptyPromptsAreErrors() {
        List<EvalArm> arms = List.of(EvalArm.dense(SessionOptions.defaults()), recent(100_000));
        assertThrows(WinnowException.class, () -> Compare.run(MODEL, arms, PROMPTS, 4, false, result -> {}));
        assertThrows(WinnowException.class, () -> Compare.run(MODEL, arms, List.of(new int[0]), 4, false, result -> {}));
        assertThrows(WinnowException.class, () -> Compare.run(MODEL, arms, PROMPTS, 0, false, result -> {}));
    }

    @Test
    void promptsBeginAndEndWithSentences() {
        String text = FakeText.of(8000, 6);
        List<String> pieces = PromptTexts.cut(text, 50, 80, 40, 3);
        assertEquals(40, pieces.size());
        assertEquals(pieces, PromptTexts.cut(text, 50, 80, 40, 3));
        for (String piece : pieces) {
            int words = piece.split("\\s+").length;
            assertTrue(words >= 50 && words <= 80, words + ": " + piece);
            assertTrue(Character.isUpperCase(piece.charAt(0)) && piece.endsWith("."), piece);
            assertTrue(text.contains(piece));
        }
        assertThrows(WinnowException.class, () -> PromptTexts.cut("too short", 3, 4, 1, 1));
        assertEquals(List.of("one two three"), PromptTexts.cut("one two three", 3, 3, 1, 1));
    }
}
