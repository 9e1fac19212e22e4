package dev.winnow.launcher.command;

import dev.winnow.api.GenerationListener;
import dev.winnow.api.Model;
import dev.winnow.api.TokenDecoder;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.ProgressBar;

/** Shows an answer while it is generated, and the progress of a long prompt before. */
final class AnswerDisplay implements GenerationListener, AutoCloseable {

    private final Console console;
    private final ProgressBar progress;
    private final TokenDecoder decoder;
    private final boolean special;
    private boolean lineOpen;

    /**
     * Creates a display.
     *
     * @param special  whether control tokens are shown by their names
     * @param lineOpen whether something stands in the last line of the output already
     */
    AnswerDisplay(Console console, Model model, boolean special, boolean lineOpen) {
        this.console = console;
        this.progress = new ProgressBar(console, "prompt");
        this.decoder = model.tokenizer().newDecoder(true);
        this.special = special;
        this.lineOpen = lineOpen;
    }

    @Override
    public void promptProgress(int done, int total) {
        progress.progress(done, total);
    }

    @Override
    public void token(int token) {
        if (special) {
            show(decoder.append(token));
        }
    }

    @Override
    public void text(String piece) {
        if (!special) {
            show(piece);
        }
    }

    private void show(String piece) {
        if (!piece.isEmpty()) {
            progress.close();
            console.print(piece);
            lineOpen = !piece.endsWith("\n");
        }
    }

    /** Ends the last line, so that the next program's output begins on its own. */
    void finish() {
        if (special) {
            show(decoder.finish());
        }
        if (lineOpen) {
            console.print("\n");
        }
    }

    @Override
    public void close() {
        progress.close();
    }
}
