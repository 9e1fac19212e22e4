package dev.winnow.launcher.output;

/** Shows on a terminal which step of a long measurement is being done, in one line that is overwritten and finally erased. Not thread-safe. */
public final class StepLine implements AutoCloseable {

    private final StatusLine line;

    /** Creates a line; nothing is shown before {@link #step} is called. */
    public StepLine(Console console) {
        this.line = new StatusLine(console);
    }

    /**
     * Shows a step.
     *
     * @param name what is done
     * @param done finished steps
     * @param all  number of steps
     */
    public void step(String name, int done, int all) {
        line.show("[" + (done + 1) + "/" + all + "] " + name);
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
