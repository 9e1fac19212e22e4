package dev.winnow.launcher.output;

/** Shows on a terminal which step of a long measurement is being done, in one line that is overwritten and finally erased. Not thread-safe. */
public final class StepLine implements AutoCloseable {

    private static final String ERASE_LINE = "\r\u001b[K";

    private final Console console;
    private boolean shown;

    /** Creates a line; nothing is shown before {@link #step} is called. */
    public StepLine(Console console) {
        this.console = console;
    }

    /**
     * Shows a step.
     *
     * @param name what is done
     * @param done finished steps
     * @param all  number of steps
     */
    public void step(String name, int done, int all) {
        if (console.errorIsTerminal()) {
            console.status(ERASE_LINE + "[" + (done + 1) + "/" + all + "] " + name);
            shown = true;
        }
    }

    @Override
    public void close() {
        erase();
    }

    /** Erases the line, so that something else can be written; it comes back with the next step. */
    public void erase() {
        if (shown) {
            console.status(ERASE_LINE);
            shown = false;
        }
    }
}
