package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.OutputClosedException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one sentence and an exit code. */
final class Failures {

    private final Console console;

    Failures(Console console) {
        this.console = console;
    }

    /**
     * Reports a failure.
     *
     * @param debug whether the stack trace is shown too
     * @return the exit code
     */
    int report(Throwable failure, boolean debug) {
        if (failure instanceof OutputClosedException) {
            return ExitCode.OUTPUT_CLOSED;
        }
        if (debug) {
            failure.printStackTrace(console.err());
        }
        return switch (failure) {
            case WinnowException known -> say(String.valueOf(known.getMessage()), ExitCode.of(known.kind()));
            case OutOfMemoryError memory -> say("Out of memory (" + memory.getMessage()
                    + "): ask for a shorter context (-c), store keys and values as --kv-type q8_0, or raise the limit with WINNOW_JAVA_OPTS=-Xmx<size>.",
                    ExitCode.RESOURCES);
            default -> say("Internal error: " + failure + (debug ? "" : "; run it again with --debug to see where, and report it."),
                    ExitCode.INTERNAL);
        };
    }

    /** Reports a command line that cannot be understood. */
    int report(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String suggestion = "";
        if (failure instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
            suggestion = "; did you mean " + unmatched.getSuggestions().getFirst() + "?";
        }
        String message = String.valueOf(failure.getMessage()).strip();
        String full = message + suggestion;
        return say(full + (full.endsWith(".") || full.endsWith("?") ? " " : "; ") + "see '" + command.getCommandSpec().qualifiedName()
                + " --help'.", ExitCode.USAGE);
    }

    private int say(String sentence, int exitCode) {
        console.note("winnow: error: " + sentence);
        return exitCode;
    }
}
