package dev.winnow.launcher.output;

/** One line for the person at the terminal, overwritten by the next text and finally erased. Silent where no person looks. Not thread-safe. */
public final class StatusLine implements AutoCloseable {

    private static final String ERASE_LINE = "\r\u001b[K";
    /** What is longer than the terminal is wide would go on in the next line, which is not erased. Both in one write: nothing has to be restored later. */
    private static final String WRAP_OFF = "\u001b[?7l";
    private static final String WRAP_ON = "\u001b[?7h";

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

    /** Shows a text in place of the one before, as much of it as the line holds. */
    public void show(String text) {
        if (isWatched()) {
            console.status(ERASE_LINE + WRAP_OFF + text + WRAP_ON);
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
