package dev.winnow.launcher.report;

import dev.winnow.api.ProgressListener;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.StatusLine;
import java.util.Locale;

/**
 * Shows on a terminal which part is being measured and about how long the rest takes, in one line that is overwritten and finally erased. The rest is the share
 * of the effort that is left, at the pace so far. Not thread-safe.
 */
final class Remaining implements ProgressListener {

    private final StatusLine line;
    private final int models;
    private final long start = System.nanoTime();
    private int begun;
    private long ofModel; // effort of the model at hand
    private long finished; // effort of the model's finished parts
    private String part = "";
    private long ofPart;

    Remaining(Console console, int models) {
        this.line = new StatusLine(console);
        this.models = models;
    }

    void beginModel(long effort) {
        begun++;
        ofModel = Math.max(1, effort);
        finished = 0;
    }

    void beginPart(String name, long effort) {
        part = name;
        ofPart = effort;
        progress(0, 1);
    }

    @Override
    public void progress(int done, int total) {
        if (!line.isWatched()) {
            return;
        }
        double share = (begun - 1 + (finished + (double) ofPart * done / Math.max(1, total)) / ofModel) / models;
        double elapsed = (System.nanoTime() - start) / 1e9;
        String left = share > 0.01
                ? String.format(Locale.ROOT, ", about %.0f min left", Math.ceil(elapsed * (1 - share) / share / 60))
                : "";
        line.show(String.format(Locale.ROOT, "%3.0f %% %s%s", 100 * share, part, left));
    }

    void endPart() {
        finished += ofPart;
        line.erase();
    }

    void close() {
        line.erase();
    }
}
