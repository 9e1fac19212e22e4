package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.OutputClosedException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
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
        List<String> rest = command.getUnmatchedArguments();
        ParameterException cause = failure instanceof MissingParameterException && !rest.isEmpty()
                ? new UnmatchedArgumentException(command, rest) // an option that is missing may be there with a slip of the pen
                : failure;
        String message = cause instanceof UnmatchedArgumentException unmatched
                ? unknown(command, unmatched)
                : String.valueOf(cause.getMessage()).strip()
                        + (command.getDefaultValueProvider() instanceof ConfiguredDefaults configured ? configured.origin(cause) : "");
        return say(message + (message.endsWith(".") || message.endsWith("?") ? " See '" : "; see '")
                + command.getCommandSpec().qualifiedName() + " --help'.", ExitCode.USAGE);
    }

    /** What follows an unknown option is unknown too, and of no interest. */
    private static String unknown(CommandLine command, UnmatchedArgumentException failure) {
        String word = failure.getUnmatched().getFirst();
        if (failure.isUnknownOption()) {
            List<String> suggestions = failure.getSuggestions();
            return "Unknown option '" + word + "'" + (suggestions.isEmpty() ? "" : "; did you mean " + suggestions.getFirst() + "?");
        }
        Set<String> commands = command.getSubcommands().keySet();
        return commands.isEmpty()
                ? "'" + word + "' is not expected here"
                : "There is no command '" + word + "': give one of " + String.join(", ", commands);
    }

    private int say(String sentence, int exitCode) {
        console.note("winnow: error: " + sentence);
        return exitCode;
    }
}
