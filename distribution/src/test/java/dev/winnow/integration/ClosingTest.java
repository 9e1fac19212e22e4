package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.winnow.api.Cancellation;
import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What is closed says so, and a model is not closed while it works: kernels would read a file that is no longer mapped, which ends the process. */
class ClosingTest {

    private final Path file;

    ClosingTest(@TempDir Path folder) throws IOException {
        file = TinyModel.in(folder);
    }

    @Test
    @Timeout(60)
    void closingWaitsForWhatAnotherThreadComputes() throws InterruptedException {
        CompletableFuture<Model> loaded = new CompletableFuture<>();
        CompletableFuture<Thread> closer = new CompletableFuture<>();
        AtomicReference<Thread.State> meanwhile = new AtomicReference<>();
        TestRefiner provider = new TestRefiner("middle", RefinerPhase.POSITIONAL, context -> (tile, mask) -> {
            Thread thread = Thread.ofPlatform().unstarted(() -> loaded.join().close());
            if (closer.complete(thread)) {
                thread.start();
                while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.TERMINATED) {
                    Thread.onSpinWait();
                }
                meanwhile.set(thread.getState());
            }
        });
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).provider(provider).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withRefiner("middle", Settings.none()))) {
            loaded.complete(model);
            session.append(1, 2, 3);
            closer.join().join();
            assertEquals(Thread.State.TIMED_WAITING, meanwhile.get());
            assertEquals(3, session.length());
            IllegalStateException failure = assertThrows(IllegalStateException.class, () -> session.append(4));
            assertEquals("The model Tiny was closed.", failure.getMessage());
            assertEquals(3, session.length());
        }
    }

    @Test
    void aCallbackCannotClose() {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults())) {
            Runnable close = model::close;
            IllegalStateException failure = assertThrows(IllegalStateException.class,
                    () -> session.append(new int[]{1, 2}, LogitsConsumer.NONE, Cancellation.never(), (done, total) -> close.run()));
            assertEquals(
                    "A callback of a session that is appending tokens cannot close the model Tiny: close it when the call has returned.",
                    failure.getMessage());
            session.append(1, 2);
        }
    }

    private static String failureOf(Executable executable) {
        return String.valueOf(assertThrows(IllegalStateException.class, executable).getMessage());
    }

    @Test
    void whatIsClosedSaysSo() {
        InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
        Model model = runtime.load(file, ModelOptions.defaults());
        Session session = model.newSession(SessionOptions.defaults());
        session.append(1, 2);
        session.close();
        session.close();
        String closed = "The session was closed.";
        assertEquals(closed, failureOf(() -> session.append(3)));
        assertEquals(closed, failureOf(() -> session.truncate(0)));
        assertEquals(closed, failureOf(session::fork));
        assertEquals(closed, failureOf(() -> session.generate(GenerationRequest.of(1, 2), GenerationListener.SILENT)));
        model.close();
        assertEquals("The model Tiny was closed.", failureOf(() -> model.newSession(SessionOptions.defaults())));
        runtime.close();
        assertEquals("The runtime was closed.", failureOf(() -> runtime.load(file, ModelOptions.defaults())));
    }

    @Test
    void anInterruptedPromptCountsWhatWasProcessed() {
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(2).build();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withContextLength(2048))) {
            int[] prompt = new int[1500];
            Cancellation cancellation = Cancellation.manual();
            GenerationResult result = session.generate(GenerationRequest.of(prompt).withCancellation(cancellation),
                    new GenerationListener() {
                        @Override
                        public void promptProgress(int done, int total) {
                            cancellation.cancel();
                        }
                    });
            assertEquals(FinishReason.CANCELLED, result.finishReason());
            assertEquals(512, result.promptTokens(), "one chunk");
            GenerationResult late = session.generate(
                    GenerationRequest.of(1, 2, 3).withCancellation(Cancellation.after(Duration.ZERO)), GenerationListener.SILENT);
            assertEquals(0, late.promptTokens());
            assertEquals(FinishReason.TIMEOUT, late.finishReason());
        }
    }
}
