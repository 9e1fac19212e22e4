package dev.winnow.launcher.output;

/** One line for the person at the terminal, overwritten by the next text and finally erased. Silent where no person looks. Not thread-safe. */
public final class StatusLine implements AutoCloseable {

    private static final String ERASE_LINE = "\r\u001b[K";

    private final Console console;
    private boolean shown;

    /** Creates a line; nothing is shown before {@link #show} is called. */
    public StatusLine(Console console) {
        this.console = console;
    }

    /** Returns whether somebody looks. */
    public boolean isWatched() {
        return console.errorIsTerminal();
    }

    /** Shows a text in place of the one before. */
    public void show(String text) {
        if (isWatched()) {
            console.status(ERASE_LINE + text);
            shown = true;
        }
    }

    /** Erases the line, so that something else can be written; it comes back with the next text. */
    public void erase() {
        if (shown) {
            console.status(ERASE_LINE);
            shown = false;
        }
    }

    @Override
    public void close() {
        erase();
    }
}
