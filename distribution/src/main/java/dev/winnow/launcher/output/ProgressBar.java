package dev.winnow.launcher.output;

import dev.winnow.api.ProgressListener;
import java.util.Locale;

/**
 * Shows on a terminal how far a long prompt is, in one line that is overwritten and finally erased. Silent where no person looks, and during the first half
 * second, so that short prompts leave no flicker. Not thread-safe.
 */
public final class ProgressBar implements ProgressListener, AutoCloseable {

    private static final int CELLS = 24;
    private static final long DELAY_NANOS = 500_000_000;

    private final StatusLine line;
    private final String label;
    private final long start = System.nanoTime();

    /** Creates a bar; nothing is shown before {@link #progress} is called. */
    public ProgressBar(Console console, String label) {
        this.line = new StatusLine(console);
        this.label = label;
    }

    @Override
    public void progress(int done, int total) {
        long elapsed = System.nanoTime() - start;
        if (!line.isWatched() || elapsed < DELAY_NANOS) {
            return;
        }
        if (done >= total) {
            close();
            return;
        }
        int filled = (int) ((long) CELLS * done / total);
        double rate = done * 1e9 / elapsed;
        line.show(String.format(Locale.ROOT, "%s [%s%s] %d/%d tokens, %.0f t/s, %.0f s left", label, "#".repeat(filled),
                ".".repeat(CELLS - filled), done, total, rate, rate > 0 ? (total - done) / rate : 0));
    }

    @Override
    public void close() {
        erase();
    }

    /** Erases the line, so that something else can be written; it comes back with the next step. */
    public void erase() {
        line.erase();
    }
}
