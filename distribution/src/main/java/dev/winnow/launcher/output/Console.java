package dev.winnow.launcher.output;

import dev.winnow.api.WinnowException;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The streams of the process and what is known about them. Results go to {@link #out}, everything else to {@link #warn} and {@link #note}; both are UTF-8,
 * whatever the locale says, because the bytes of a model's text are. Not thread-safe.
 */
public final class Console {

    private static final String TERMINALS_PROPERTY = "dev.winnow.terminals";
    private static final int BUFFER_BYTES = 1 << 14;

    private final InputStream in;
    private final OutputRecorder recorder;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean inputIsTerminal;
    private final boolean errorIsTerminal;
    private final boolean colors;

    /**
     * Creates a console.
     *
     * @param inputIsTerminal whether a person types the input
     * @param errorIsTerminal whether a person sees the messages, so that a progress bar makes sense
     * @param colors          whether help texts may use colours
     */
    public Console(InputStream in, OutputStream out, OutputStream err, boolean inputIsTerminal, boolean errorIsTerminal, boolean colors) {
        this.in = in;
        this.recorder = new OutputRecorder(out);
        this.out = new PrintStream(recorder, false, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.inputIsTerminal = inputIsTerminal;
        this.errorIsTerminal = errorIsTerminal;
        this.colors = colors;
    }

    /**
     * Returns the console of the process. Java cannot ask about single streams, so the start script tells which of them are terminals, as the digits 0, 1
     * and 2 in the property {@code dev.winnow.terminals}. Colours are off where {@code NO_COLOR} is set to anything.
     */
    @SuppressWarnings("SystemConsoleNull") // it is null again with the JDK's own console provider, the default since 25
    public static Console ofProcess() {
        java.io.Console system = System.console();
        String fallback = system != null && system.isTerminal() ? "012" : "";
        String terminals = System.getProperty(TERMINALS_PROPERTY, fallback);
        String noColor = System.getenv("NO_COLOR");
        boolean colors = terminals.contains("1") && (noColor == null || noColor.isEmpty());
        return new Console(new FileInputStream(FileDescriptor.in),
                new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
                new FileOutputStream(FileDescriptor.err), terminals.contains("0"), terminals.contains("2"), colors);
    }

    /** Returns whether a person types the input. */
    public boolean inputIsTerminal() {
        return inputIsTerminal;
    }

    /** Returns whether a person sees the messages. */
    public boolean errorIsTerminal() {
        return errorIsTerminal;
    }

    /** Returns whether colours are wanted. */
    public boolean colors() {
        return colors;
    }

    /**
     * Writes a part of the result and hands it on at once.
     *
     * @throws OutputClosedException if nobody reads the output any more
     * @throws WinnowException       of kind RESOURCES if it cannot be written for another reason, for example a full disk
     */
    public void print(String text) {
        out.print(text);
        flush();
    }

    /**
     * Hands on what libraries have written to {@link #out}.
     *
     * @throws OutputClosedException if nobody reads the output any more
     * @throws WinnowException       of kind RESOURCES if it cannot be written for another reason
     */
    public void flush() {
        if (out.checkError()) { // flushes
            throw recorder.failure();
        }
    }

    /** Writes a line of the result. */
    public void println(String line) {
        print(line + "\n");
    }

    /** Writes a message to the person at the terminal. */
    public void note(String line) {
        err.println(line);
    }

    /** Writes a warning to the person at the terminal. */
    public void warn(String line) {
        err.println("winnow: warning: " + line);
    }

    /** Writes text to the person at the terminal as it is, for lines that are overwritten. */
    public void status(String text) {
        err.print(text);
        err.flush();
    }

    /** Reads the next line of the input as UTF-8; null at its end. */
    public @Nullable String readLine() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            for (; next >= 0 && next != '\n'; next = in.read()) {
                line.write(next);
            }
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The standard input cannot be read: " + e.getMessage() + ".", e);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Reads the input to its end as UTF-8. */
    public String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Returns the stream of results, for libraries that write to one. */
    public PrintStream out() {
        return out;
    }

    /** Returns the stream of messages, for libraries that write to one. */
    public PrintStream err() {
        return err;
    }
}
