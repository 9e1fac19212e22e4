package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The same tokens have the same logits, bit for bit: for every number of threads, and whether the kernels are still interpreted or compiled. Surefire runs test
 * classes one after the other in one JVM, so the first session here is not always a cold one; run alone, it is.
 */
class ReproducibilityTest {

    private static final int PROMPT = 700; // more than one chunk
    private static final int GENERATED = 12;

    @Test
    void logitsDoNotDependOnThreadsOrCompilation() {
        int[][] reference = logits(1);
        for (int round = 0; round < 2; round++) {
            for (int threads = 1; threads <= 3; threads++) {
                int[][] again = logits(threads);
                for (int step = 0; step < reference.length; step++) {
                    assertArrayEquals(reference[step], again[step], "step " + step + " with " + threads + " threads in round " + round);
                }
            }
        }
    }

    /** The bits of the logits after a prompt and after each of some tokens that follow. */
    private static int[][] logits(int threads) {
        int[][] bits = new int[GENERATED + 1][];
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(threads).build();
                Model model = runtime.load(Fixtures.model("SmolLM2-135M-Instruct.Q4_1.gguf"), ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withContextLength(1024))) {
            int[] prompt = new int[PROMPT];
            Arrays.setAll(prompt, i -> 1000 + 37 * i % 20_000);
            session.append(prompt);
            bits[0] = bits(session.logits());
            for (int step = 1; step <= GENERATED; step++) {
                session.append(5000 + step);
                bits[step] = bits(session.logits());
            }
        }
        return bits;
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }
}
