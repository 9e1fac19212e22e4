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
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside a long prompt, a second refiner of a provider that allows it runs on a small model, which the session does not notice. */
class WarmUpTest {

    private static final int[] PROMPT = IntStream.range(0, 600).map(i -> (31 * i + i * i / 7) % 250).toArray();
    private static final int LONGEST_MINUTES = 2; // only in a test that fails

    private final Path file;

    WarmUpTest(@TempDir Path folder) throws IOException {
        file = TinyModel.in(folder);
    }

    /** Notes what happens to it. That of a session waits in its first layer until the other one has refined. */
    private static final class Noting implements MaskRefiner {

        private final RefinerContext context;
        private final CountDownLatch rehearsed;
        private final boolean ofSession;
        private final Map<Integer, Integer> told = new HashMap<>(); // by layer, keys
        private final AtomicInteger closed = new AtomicInteger();
        private volatile int refined;

        Noting(RefinerContext context, boolean ofSession, CountDownLatch rehearsed) {
            this.context = context;
            this.ofSession = ofSession;
            this.rehearsed = rehearsed;
        }

        @Override
        public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
            assertEquals(told.getOrDefault(layer.index(), 0), from, "no key is left out");
            told.put(layer.index(), kvHead == layer.attention().headCountKv() - 1 ? to : from);
        }

        @Override
        public void truncated(int length) {
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
            closed.incrementAndGet();
        }
    }

    /** Runs a long prompt and a token in a session with the refiner and in one without, and compares the logits. */
    private void runBeside(boolean warmsUp, RefinerDecision.Factory factory, Runnable andThen) throws InterruptedException {
        SessionOptions dense = SessionOptions.defaults().dense();
        SessionOptions options = dense.withRefiner("noting", Settings.none());
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1)
                .provider(new TestRefiner("noting", RefinerPhase.CONTENT, warmsUp, factory)).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session without = model.newSession(dense);
                Session with = model.newSession(options)) {
            for (int[] tokens : List.of(PROMPT, new int[]{1})) {
                without.append(tokens);
                with.append(tokens);
                assertArrayEquals(without.logits(), with.logits());
            }
            awaitWarmUps();
            andThen.run();
            try (Session second = model.newSession(options)) {
                second.append(PROMPT);
            }
        }
    }

    /** Also those of other tests that run at the same time: none takes more than a few seconds. */
    private static void awaitWarmUps() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("winnow-warm-up")) {
                thread.join();
            }
        }
    }

    @Test
    void beginsLikeAForkedSessionBehindThePrompt() throws InterruptedException {
        List<Noting> refiners = new CopyOnWriteArrayList<>();
        CountDownLatch rehearsed = new CountDownLatch(1);
        runBeside(true, context -> {
            refiners.add(new Noting(context, refiners.isEmpty(), rehearsed));
            return refiners.getLast();
        }, () -> {
            assertEquals(2, refiners.size());
            Noting warm = refiners.getLast();
            assertEquals(PROMPT.length + 1, warm.context.contextLength());
            assertEquals(PROMPT.length + 1, warm.refined, "single tokens come behind as many keys as the prompt has");
            assertEquals(1, warm.closed.get());
        });
        assertEquals(3, refiners.size(), "a second session finds the code warm");
    }

    @Test
    void mayFail() throws InterruptedException {
        List<Noting> refiners = new CopyOnWriteArrayList<>();
        CountDownLatch rehearsed = new CountDownLatch(1);
        runBeside(true, context -> {
            Noting noting = new Noting(context, refiners.isEmpty(), rehearsed);
            refiners.add(noting);
            return refiners.size() == 2 ? failing(noting) : noting;
        }, () -> assertEquals(1, refiners.getLast().closed.get(), "also one that failed is closed"));
    }

    private static MaskRefiner failing(Noting noting) {
        return new MaskRefiner() {
            @Override
            public void refine(AttentionTile tile, AttentionMask mask) {
                noting.refine(tile, mask);
                throw new IllegalStateException("fails where nobody asked for it");
            }

            @Override
            public void close() {
                noting.close();
            }
        };
    }

    @Test
    void leavesOutWhatIsOnlyMadeForSessions() throws InterruptedException {
        List<Noting> refiners = new CopyOnWriteArrayList<>();
        runBeside(false, context -> {
            refiners.add(new Noting(context, true, new CountDownLatch(0)));
            return refiners.getLast();
        }, () -> assertEquals(1, refiners.size()));
        assertEquals(2, refiners.size());
    }
}
