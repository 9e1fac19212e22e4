package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.Cancellation;
import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How soon work stops, what different threads may do at once, and what is not even begun. */
class CancellationTest {

    private static final int[] PROMPT = IntStream.range(0, 900).map(i -> (31 * i + i * i / 7) % 250).toArray();

    private final Path folder;
    private final Path file;

    CancellationTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        file = TinyModel.in(folder);
    }

    /** A refiner that removes nothing, counts tiles and pulls the emergency brake at one of them. */
    private static TestRefiner brake(AtomicInteger tiles, int at, Cancellation cancellation) {
        return new TestRefiner("brake", RefinerPhase.POSITIONAL, context -> (tile, mask) -> {
            if (tiles.incrementAndGet() == at) {
                cancellation.cancel();
            }
        });
    }

    @Test
    void aPromptStopsWithinOneTileOfEachWorker() {
        for (int threads : new int[]{1, 2}) {
            AtomicInteger tiles = new AtomicInteger();
            Cancellation cancellation = Cancellation.manual();
            try (InferenceRuntime runtime = InferenceRuntime.builder().threads(threads).provider(brake(tiles, 5, cancellation)).build();
                    Model model = runtime.load(file, ModelOptions.defaults());
                    Session session = model.newSession(SessionOptions.defaults().withRefiner("brake", Settings.none()))) {
                GenerationResult result = session.generate(GenerationRequest.of(PROMPT).withCancellation(cancellation),
                        GenerationListener.SILENT);
                assertEquals(FinishReason.CANCELLED, result.finishReason());
                assertTrue(tiles.get() < 5 + threads, tiles + " tiles with " + threads + " threads");
                assertEquals(0, session.length());
                assertEquals(List.of(), runtime.activity());
            }
        }
    }

    @Test
    void anAnswerStopsWithinOneToken() {
        Cancellation cancellation = Cancellation.manual();
        List<Integer> heard = new ArrayList<>();
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults())) {
            GenerationRequest request = GenerationRequest.of(1, 2, 3).withIgnoreEos(true).withCancellation(cancellation);
            GenerationResult result = session.generate(request, new GenerationListener() {
                @Override
                public void token(int token) {
                    heard.add(token);
                    if (heard.size() == 3) {
                        cancellation.cancel();
                    }
                }
            });
            assertEquals(heard, result.tokens());
            assertEquals(3, heard.size());
        }
    }

    @Test
    void sessionsOfDifferentThreadsDoNotDisturbEachOther() throws InterruptedException, ExecutionException {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<List<Integer>>> together = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int length = 50 + 100 * i;
                together.add(threads.submit(() -> generate(model, length)));
            }
            for (int i = 0; i < 6; i++) {
                assertEquals(generate(model, 50 + 100 * i), together.get(i).get());
            }
        }
    }

    private static List<Integer> generate(Model model, int length) {
        try (Session session = model.newSession(SessionOptions.defaults())) {
            int[] prompt = java.util.Arrays.copyOf(PROMPT, length);
            return session
                    .generate(GenerationRequest.of(prompt).withMaxTokens(10).withIgnoreEos(true).withSampling(SamplingOptions.greedy()),
                            GenerationListener.SILENT)
                    .tokens();
        }
    }

    @Test
    void aModelThatIsLargerThanTheMemoryIsRefusedWithBothNumbers() throws IOException {
        Path huge = folder.resolve("huge.gguf");
        long bytes = TinyModel.writeHuge(huge);
        try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
            sparse.setLength(Files.size(huge) + bytes);
        } catch (IOException e) {
            assumeTrue(false, "the file system has no files of " + bytes + " bytes with holes");
        }
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build()) {
            WinnowException failure = assertThrows(WinnowException.class, () -> runtime.load(huge, ModelOptions.defaults()));
            assertEquals(WinnowException.Kind.RESOURCES, failure.kind());
            assertTrue(String.valueOf(failure.getMessage())
                    .matches("huge.gguf holds 4096\\.0 GiB of weights, but there are only [0-9.]+ GiB of memory: .*"),
                    failure.getMessage());
        }
    }
}
