package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SharedPromptsTest {

    private static int[] prompt(int length, int changedFrom, int seed) {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = 65 + (i * 7 + (i < changedFrom ? 0 : seed)) % 26;
        }
        return tokens;
    }

    @Test
    void everyPromptIsComputedAsIfItWereAlone() {
        FakeModel model = new FakeModel(false);
        SessionOptions options = SessionOptions.defaults().withContextLength(3000);
        List<int[]> prompts = new ArrayList<>(
                List.of(prompt(2000, 2000, 0), prompt(2500, 1100, 1), prompt(2000, 1100, 1), prompt(700, 300, 2),
                        prompt(2600, 1030, 3), prompt(1024, 1024, 0)));
        prompts.add(prompts.getFirst().clone());
        TreeSet<Integer> told = new TreeSet<>();
        long[] computed = {0};
        SharedPrompts.run(model, options, prompts, (index, result) -> {
            assertTrue(told.add(index));
            assertArrayEquals(prompts.get(index), result.session().tokens());
            try (Session alone = model.newSession(options)) {
                alone.append(prompts.get(index));
                assertArrayEquals(alone.logits(), result.session().logits());
                PhaseShare own = PhaseShare.ofAll(result.session());
                computed[0] += own.tokens();
                PhaseShare whole = PhaseShare.ofAll(alone);
                PhaseShare sum = result.before().plus(own);
                assertEquals(whole.tokens(), sum.tokens());
                assertEquals(whole.baseKeys(), sum.baseKeys());
            }
            assertTrue(result.nanos() > 0);
        });
        assertEquals(prompts.size(), told.size());
        assertTrue(computed[0] < prompts.stream().mapToInt(prompt -> prompt.length).sum() / 2, computed[0] + " tokens");
    }

    @Test
    void shortAndEmptyBeginningsAreNotShared() {
        List<int[]> prompts = List.of(prompt(10, 10, 0), prompt(10, 10, 0), prompt(512, 512, 0));
        List<Integer> lengths = new ArrayList<>();
        SharedPrompts.run(new FakeModel(false), SessionOptions.defaults().withContextLength(600), prompts,
                (index, result) -> lengths.add(result.session().length()));
        assertEquals(List.of(10, 10, 512), lengths);
    }
}
