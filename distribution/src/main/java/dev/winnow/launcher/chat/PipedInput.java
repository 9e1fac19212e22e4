package dev.winnow.launcher.chat;

import dev.winnow.launcher.output.Console;
import org.jspecify.annotations.Nullable;

/** Messages from a file or another program: one a line; a line that ends with a backslash goes on in the next. */
public final class PipedInput implements ChatInput {

    private final Console console;

    /** Creates an input that reads the console's. */
    public PipedInput(Console console) {
        this.console = console;
    }

    @Override
    public @Nullable String next() {
        StringBuilder message = new StringBuilder();
        String line = console.readLine();
        while (line != null && Continuation.isOpen(line)) {
            message.append(line).append('\n');
            line = console.readLine();
        }
        return line == null && message.isEmpty() ? null : Continuation.join(message + (line == null ? "" : line));
    }

    @Override
    public boolean isInteractive() {
        return false;
    }

    @Override
    public Interruptible onInterrupt(Runnable action) {
        return () -> {}; // nobody is there to go on: the program ends, with its line of statistics
    }

    @Override
    public void close() {
        // the standard input belongs to the process
    }
}
