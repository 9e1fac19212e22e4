package dev.winnow.launcher.output;

/** Nobody reads the output any more, as in {@code winnow run … | head -1}: the command ends without a word. */
public final class OutputClosedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OutputClosedException() {
        super("the output was closed");
    }
}
