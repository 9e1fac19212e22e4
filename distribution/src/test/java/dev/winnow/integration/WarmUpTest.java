package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a long prompt, a second refiner of the same provider runs on a small model, which the session does not notice. */
class WarmUpTest {

    private static final int[] PROMPT = IntStream.range(0, 600).map(i -> (31 * i + i * i / 7) % 250).toArray();
    private static final int LONGEST_MINUTES = 2; // only in a test that fails

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeModel() throws IOException {
        file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
    }

    /** Removes nothing; the refiners of sessions wait in their first layer until one that is not the session's has refined. */
    private static class Noting implements MaskRefinerProvider {

        private final List<Refiner> refiners = new CopyOnWriteArrayList<>();
        private final CountDownLatch rehearsed = new CountDownLatch(1);

        @Override
        public String id() {
            return "noting";
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public String description() {
            return "removes nothing";
        }

        @Override
        public RefinerDecision decide(RefinerRequest request) {
            return new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(), this::create);
        }

        Refiner create(RefinerContext context) {
            Refiner refiner = new Refiner(context, refiners.isEmpty());
            refiners.add(refiner);
            return refiner;
        }

        class Refiner implements MaskRefiner {

            private final RefinerContext context;
            private final boolean ofSession;
            private final Map<Integer, Integer> told = new HashMap<>(); // by layer, keys
            private volatile int refined;
            private volatile boolean closed;

            Refiner(RefinerContext context, boolean ofSession) {
                this.context = context;
                this.ofSession = ofSession;
            }

            @Override
            public synchronized void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
                assertEquals(told.getOrDefault(layer.index(), 0), from, "no key is left out");
                told.put(layer.index(), kvHead == layer.attention().headCountKv() - 1 ? to : from);
            }

            @Override
            public synchronized void truncated(int length) {
                told.replaceAll((layer, to) -> Math.min(to, length));
            }

            @Override
            public void beginLayer(LayerSpec layer, AttentionPhase phase, int firstPosition, int positionCount) {
                try {
                    assertTrue(!ofSession || rehearsed.await(LONGEST_MINUTES, TimeUnit.MINUTES), "nothing was warmed up");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void refine(AttentionTile tile, AttentionMask mask) {
                refined = told.getOrDefault(tile.layer().index(), 0);
                if (!ofSession) {
                    rehearsed.countDown();
                }
            }

            @Override
            public void close() {
                closed = true;
            }
        }
    }

    private static float[] logits(Model model, SessionOptions options) {
        try (Session session = model.newSession(options)) {
            session.append(PROMPT);
            return session.logits();
        }
    }

    /** Runs a prompt with a provider and without, and compares the logits. */
    private void runBeside(Noting provider) {
        SessionOptions dense = SessionOptions.defaults().dense();
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults())) {
            float[] expected = logits(model, dense);
            SessionOptions options = dense.withRefiner(provider.id(), Settings.none());
            assertArrayEquals(expected, logits(model, options));
            int refiners = provider.refiners.size();
            assertArrayEquals(expected, logits(model, options), "the second time");
            assertEquals(refiners + 1, provider.refiners.size(), "the code has been warmed up already");
        }
    }

    @Test
    void beginsLikeAForkedSessionBehindThePrompt() {
        Noting provider = new Noting();
        runBeside(provider);
        Noting.Refiner second = provider.refiners.get(1);
        assertEquals(PROMPT.length + 1, second.context.contextLength());
        assertEquals(1, second.context.workers());
        assertEquals(PROMPT.length + 1, second.refined, "the first single token comes behind as many keys as the prompt has");
    }

    @Test
    void mayFail() {
        Noting provider = new Noting() {
            @Override
            Refiner create(RefinerContext context) {
                Refiner refiner = super.create(context);
                if (refiner.ofSession) {
                    return refiner;
                }
                super.rehearsed.countDown();
                throw new IllegalStateException("no second one");
            }
        };
        SessionOptions options = SessionOptions.defaults().dense().withRefiner(provider.id(), Settings.none());
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults())) {
            assertArrayEquals(logits(model, SessionOptions.defaults().dense()), logits(model, options));
        }
    }

    @Test
    void leavesAloneWhatBelongsToTheSession() {
        Noting provider = new Noting() {
            @Override
            Refiner create(RefinerContext context) {
                super.rehearsed.countDown();
                return super.refiners.isEmpty() ? super.create(context) : super.refiners.getFirst();
            }
        };
        SessionOptions options = SessionOptions.defaults().dense().withRefiner(provider.id(), Settings.none());
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(options)) {
            session.append(PROMPT);
            session.append(1);
            Noting.Refiner shared = provider.refiners.getFirst();
            assertEquals(PROMPT.length + 1, shared.refined);
            assertTrue(!shared.closed);
        }
    }
}
