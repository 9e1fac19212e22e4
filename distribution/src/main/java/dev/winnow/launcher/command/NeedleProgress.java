package dev.winnow.launcher.command;

import dev.winnow.core.eval.Needle;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.ProgressBar;

/** Shows how far a needle test is. It counts tokens instead of prompts, because a long prompt takes longer than a short one. */
final class NeedleProgress implements AutoCloseable {

    private final ProgressBar bar;
    private final int total;
    private int done;

    NeedleProgress(Console console, Needle.Options options, int arms) {
        bar = new ProgressBar(console, "needle");
        int prompts = options.kinds().size() * options.depths().size() * options.seeds().size() * arms;
        total = options.lengths().stream().mapToInt(Integer::intValue).sum() * prompts;
    }

    /** Counts a result. */
    void add(NeedleResult result) {
        done += result.length();
        bar.progress(done, total);
    }

    /** Erases the bar, so that a line of the report can be written in its place. */
    void hide() {
        bar.close();
    }

    @Override
    public void close() {
        hide();
    }
}
