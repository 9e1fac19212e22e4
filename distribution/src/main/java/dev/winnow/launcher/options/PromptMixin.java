package dev.winnow.launcher.options;

import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Console;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The text that a command works on: an argument, a file or the standard input. */
public final class PromptMixin {

    @Option(names = {"-p", "--prompt"}, paramLabel = "TEXT", description = "The text.")
    private @Nullable String text;

    @Option(names = {"-f",
            "--file"}, paramLabel = "FILE", description = "A UTF-8 file with the text; '-' for the standard input, which is also read if there is neither -p nor -f.")
    private @Nullable Path file;

    @Option(names = {"-e",
            "--escape"}, negatable = true, defaultValue = "true", fallbackValue = "true", description = "Read \\n, \\t, \\\\, \\xHH and the like in -p and --stop as the characters they stand for (default), or not.")
    private boolean escape;

    /**
     * Returns the text. One line break at the end of a file or of the standard input is not part of it, as in llama.cpp.
     *
     * @throws WinnowException if there is none, there are two, or it cannot be read
     */
    public String read(Console console) {
        if (text != null && file != null) {
            throw new WinnowException(WinnowException.Kind.USAGE, "Both -p and -f are given: leave out one of them.");
        }
        if (text != null) {
            return unescape(text);
        }
        if (file == null && console.inputIsTerminal()) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "There is no text: give it with -p TEXT, with -f FILE or on the standard input.");
        }
        return file == null || file.toString().equals("-")
                ? TextFiles.withoutLastBreak(readInput(console))
                : TextFiles.read(console, file);
    }

    /** Replaces escapes, unless they are switched off. */
    public String unescape(String value) {
        return escape ? Escapes.replace(value) : value;
    }

    private static String readInput(Console console) {
        try {
            return console.readAll();
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The standard input cannot be read: " + e.getMessage() + ".", e);
        }
    }
}
