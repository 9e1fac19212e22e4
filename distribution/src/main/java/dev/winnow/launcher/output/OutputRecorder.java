package dev.winnow.launcher.output;

import dev.winnow.api.WinnowException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Remembers why the standard output could not be written, which a {@link java.io.PrintStream} forgets. */
final class OutputRecorder extends FilterOutputStream {

    private @Nullable IOException first;

    OutputRecorder(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int value) throws IOException {
        try {
            out.write(value);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    private IOException remembered(IOException failure) {
        if (first == null) {
            first = failure;
        }
        return failure;
    }

    /** Returns what to tell about the first failure: nothing where the reader of a pipe went away, or else a sentence. */
    RuntimeException failure() {
        String reason = first == null ? "" : String.valueOf(first.getMessage());
        // Java has the number of the error (EPIPE) only as the system's text for it: "Broken pipe", on Windows "The pipe is being closed".
        return first == null || reason.toLowerCase(Locale.ROOT).contains("pipe")
                ? new OutputClosedException()
                : new WinnowException(WinnowException.Kind.RESOURCES, "The standard output cannot be written: " + reason + ".", first);
    }
}
