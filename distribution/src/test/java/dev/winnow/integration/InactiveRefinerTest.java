package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refiner that has no work is asked once for each layer and chunk and costs nothing for tiles; what it does not change stays as it was, bit for bit. */
class InactiveRefinerTest {

    private static final int[] PROMPT = IntStream.range(0, 700).map(i -> (31 * i + i * i / 7) % 250).toArray();
    private static final int GATE = 600;

    @TempDir
    private Path folder;

    /** Removes nothing, engages from a number of keys on, and counts its calls. */
    private static final class Idle implements MaskRefiner {

        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger refined = new AtomicInteger();

        @Override
        public boolean engages(LayerSpec layer, AttentionPhase phase, int keyCount) {
            asked.incrementAndGet();
            return keyCount >= GATE;
        }

        @Override
        public void beginLayer(LayerSpec layer, AttentionPhase phase, int firstPosition, int count) {
            begun.incrementAndGet();
        }

        @Override
        public void refine(AttentionTile tile, AttentionMask mask) {
            refined.incrementAndGet();
        }
    }

    private static List<Float> logits(Session session, int from, int to) {
        session.append(Arrays.copyOfRange(PROMPT, from, to));
        float[] logits = session.logits();
        return IntStream.range(0, logits.length).mapToObj(i -> logits[i]).toList();
    }

    @Test
    void costsNothingForTiles() throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        Idle idle = new Idle();
        TestRefiner provider = new TestRefiner("idle", RefinerPhase.CONTENT, context -> idle);
        SessionOptions dense = SessionOptions.defaults().dense();
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session without = model.newSession(dense);
                Session with = model.newSession(dense.withRefiner("idle", Settings.none()))) {
            int layers = model.layers().size();
            assertEquals(logits(without, 0, 500), logits(with, 0, 500));
            assertEquals(logits(without, 500, 501), logits(with, 500, 501));
            assertEquals(2 * layers, idle.asked.get(), "once for each layer of a chunk and of a token");
            assertEquals(0, idle.begun.get());
            assertEquals(0, idle.refined.get());
            for (AttentionPhase phase : AttentionPhase.values()) {
                PhaseStatistics statistics = with.statistics(phase);
                assertEquals(0, statistics.selectionNanos(), "no clock is read for it");
                assertEquals(0, statistics.selectionCost());
                assertEquals(without.statistics(phase).keptKeys(), statistics.keptKeys());
            }
            assertEquals(logits(without, 501, 700), logits(with, 501, 700), "also where it works, and keeps everything");
            assertEquals(layers, idle.begun.get());
        }
    }
}
