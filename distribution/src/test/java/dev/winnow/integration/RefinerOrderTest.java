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
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content refiners choose from what the positional ones have left, whatever other content refiners have removed before. */
class RefinerOrderTest {

    private static final int[] PROMPT = IntStream.range(0, 300).map(i -> (31 * i + i * i / 7) % 250).toArray();

    @TempDir
    private Path folder;

    /** Removes every third one of the candidates of each row, beginning with the first or with the second: what is left depends on what is counted. */
    private record EveryThird(int first) implements MaskRefiner {

        static TestRefiner provider(String id, int first) {
            return new TestRefiner(id, RefinerPhase.CONTENT, context -> new EveryThird(first));
        }

        @Override
        public void refine(AttentionTile tile, AttentionMask mask) {
            for (int head = 0; head < mask.headCount(); head++) {
                for (int query = 0; query < mask.queryCount(); query++) {
                    thin(mask, head, query);
                }
            }
        }

        private void thin(AttentionMask mask, int head, int query) {
            int number = 0;
            for (int block = 0; block < mask.blockCount(); block++) {
                long removed = 0;
                for (long left = mask.candidates(head, query, block); left != 0; left &= left - 1) {
                    if (number++ % 3 == first) {
                        removed |= Long.lowestOneBit(left);
                    }
                }
                mask.remove(head, query, block, removed);
            }
        }
    }

    @Test
    void doesNotMatter() throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(EveryThird.provider("first", 0))
                .provider(EveryThird.provider("second", 1)).build(); Model model = runtime.load(file, ModelOptions.defaults())) {
            float[] dense = logits(model, List.of(), 1);
            float[] forth = logits(model, List.of("first", "second"), 1 / 3.0);
            assertArrayEquals(forth, logits(model, List.of("second", "first"), 1 / 3.0));
            assertTrue(IntStream.range(0, dense.length).anyMatch(i -> dense[i] != forth[i]),
                    "the refiners have removed nothing that matters");
        }
    }

    private static float[] logits(Model model, List<String> refiners, double kept) {
        SessionOptions options = SessionOptions.defaults().dense();
        for (String refiner : refiners) {
            options = options.withRefiner(refiner, Settings.none());
        }
        float[][] last = new float[1][];
        try (Session session = model.newSession(options)) {
            session.append(PROMPT, new LogitsConsumer() {
                @Override
                public boolean wants(int position) {
                    return position == PROMPT.length - 1;
                }

                @Override
                public void accept(int position, float[] logits) {
                    last[0] = logits.clone();
                }
            }, Cancellation.never(), ProgressListener.SILENT);
            // each removes a third of the candidates, and not the same ones; rows have up to 300 keys, so whole numbers move the share by about 1 %
            assertEquals(kept, session.statistics(AttentionPhase.PREFILL).keptRatio(), 0.02);
        }
        return last[0];
    }
}
