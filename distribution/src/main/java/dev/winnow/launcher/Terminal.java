package dev.winnow.launcher;

import java.io.Console;
import org.jspecify.annotations.Nullable;

/** Whether a person is at the other end. */
final class Terminal {

    private Terminal() {}

    /** Returns whether stdin and stdout are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // the API still allows null, and isTerminal is the question
    static boolean isInteractive() {
        @Nullable
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
