package dev.winnow.launcher.command;

import dev.winnow.api.Cancellation;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.launcher.output.Console;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets Ctrl-C (and a termination signal) stop the work instead of the process: while this is open, the JVM's shutdown cancels the work and waits until the
 * command has written its last line. The JVM then ends with 128 + the number of the signal, 130 for Ctrl-C. The same happens when the time is over, with the
 * exit code {@value #TIMED_OUT}.
 *
 * <p>Work that does not stop, because a plug-in does not return, is waited for in vain: then a sentence says what it is at, and the process ends.
 */
final class Interruption implements AutoCloseable {

    /** Exit code after a time limit, as of the command {@code timeout}. */
    static final int TIMED_OUT = 124;

    private static final long PATIENCE_SECONDS = 5;

    private final Console console;
    private final InferenceRuntime runtime;
    private final Cancellation cancellation;
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "winnow-interruption");

    /**
     * Begins to listen.
     *
     * @param limit time after which the work is stopped; null for none
     */
    Interruption(Console console, InferenceRuntime runtime, @Nullable Duration limit) {
        this.console = console;
        this.runtime = runtime;
        this.cancellation = limit == null ? Cancellation.manual() : Cancellation.after(limit);
        Runtime.getRuntime().addShutdownHook(hook);
        if (limit != null) {
            Thread clock = new Thread(() -> endAfter(limit), "winnow-time-limit");
            clock.setDaemon(true);
            clock.start();
        }
    }

    /** Returns what the work is to look at. */
    Cancellation cancellation() {
        return cancellation;
    }

    private void stop() {
        cancellation.cancel();
        if (!isFinishedWithin(Duration.ofSeconds(PATIENCE_SECONDS))) {
            complain();
        }
    }

    private void endAfter(Duration limit) {
        if (!isFinishedWithin(limit.plusSeconds(PATIENCE_SECONDS))) {
            complain();
            Runtime.getRuntime().halt(TIMED_OUT);
        }
    }

    private boolean isFinishedWithin(Duration time) {
        try {
            return finished.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void complain() {
        List<String> activity = runtime.activity();
        console.note("winnow: error: The work did not stop within " + PATIENCE_SECONDS + " s and is given up"
                + (activity.isEmpty() ? "." : ": " + activity.getFirst() + "."));
    }

    /** Says that the last line is written. */
    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down already, because of the interruption that this class is for.
        }
    }
}
