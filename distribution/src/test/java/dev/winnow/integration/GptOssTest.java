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
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tiny model with attention sinks, biased MXFP4 experts and alternating windows against llama.cpp (gpt_oss.py), in one batch and token by token. */
class GptOssTest {

    private static final Path FOLDER = Path.of("src/test/resources/dev/winnow/integration");
    private static final int TOKENS = 48;
    private static final int VOCABULARY = 96;
    // llama.cpp differs from itself by 1.2e-5 between one batch and token by token; logits have a standard deviation of 2.4.
    private static final float TOLERANCE = 5e-4f;

    @ParameterizedTest
    @CsvSource({"reference, 48", "reference, 20", "cpu, 48", "cpu, 20"})
    void logitsEqualLlamaCpp(String backend, int firstBatch) throws IOException {
        float[] expected = Fixtures.floats(FOLDER.resolve("gpt-oss.bin"));
        int[] tokens = IntStream.range(0, TOKENS).map(i -> i * 7 % VOCABULARY).toArray();
        float[] worst = new float[1];
        LogitsConsumer comparison = new LogitsConsumer() {
            @Override
            public boolean wants(int position) {
                return true;
            }

            @Override
            public void accept(int position, float[] logits) {
                for (int i = 0; i < VOCABULARY; i++) {
                    float difference = Math.abs(logits[i] - expected[position * VOCABULARY + i]);
                    worst[0] = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(worst[0], difference);
                }
            }
        };
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(FOLDER.resolve("gpt-oss.gguf"), ModelOptions.defaults().withBackend(backend));
                Session session = model.newSession(SessionOptions.defaults().withKvType(KvType.F32))) {
            session.append(Arrays.copyOf(tokens, firstBatch), comparison, Cancellation.never(), ProgressListener.SILENT);
            for (int i = firstBatch; i < TOKENS; i++) {
                session.append(new int[]{tokens[i]}, comparison, Cancellation.never(), ProgressListener.SILENT);
            }
        }
        assertTrue(worst[0] <= TOLERANCE, "differs by " + worst[0]);
    }
}
