package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code winnow}. */
@Command(name = "winnow", mixinStandardHelpOptions = true, versionProvider = Winnow.Version.class, sortOptions = false, description = "Runs GGUF language models on the JVM, with sparse attention for long contexts.", subcommands = {
        RunCommand.class, InspectCommand.class, PluginsCommand.class, PerplexityCommand.class,
        CommandLine.HelpCommand.class}, exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:success", "1:internal error",
                "2:wrong option, setting or prompt", "3:model file missing or damaged",
                "4:model not supported", "5:not enough memory or context", "6:plug-in failed", "130:interrupted"})
public final class Winnow implements Runnable {

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print the stack trace of a failure.")
    private boolean debug;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    Winnow() {
        this.spec = CommandLine.Model.CommandSpec.create(); // replaced by picocli
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Runs the launcher and exits. */
    public static void main(String[] args) {
        // A terminal or a pipe gets UTF-8 whatever the platform's own encoding is; a model's text is Unicode.
        System.setOut(new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8));
        int code;
        try {
            code = execute(args);
        } catch (OutOfMemoryError e) {
            System.err.println("winnow: the memory of the JVM is exhausted (" + e.getMessage()
                    + "): shorten the context (-c), or give it more with WINNOW_JAVA_OPTS=-Xmx8g.");
            code = ExitCodes.RESOURCES;
        } catch (LinkageError e) {
            System.err.println("winnow: classes do not fit together: " + e + "; is a plug-in built for another version?");
            code = ExitCodes.PLUGIN;
        }
        System.out.flush();
        System.exit(code);
    }

    static int execute(String... args) {
        Winnow launcher = new Winnow();
        CommandLine commandLine = new CommandLine(launcher).setCaseInsensitiveEnumValuesAllowed(true).setUsageHelpWidth(120);
        commandLine.setExecutionExceptionHandler((failure, command, result) -> launcher.report(failure, command));
        commandLine.setParameterExceptionHandler((failure, ignored) -> {
            failure.getCommandLine().getErr().println(
                    "winnow: " + failure.getMessage() + " (winnow " + commandName(failure.getCommandLine()) + "--help shows the options)");
            return ExitCodes.USAGE;
        });
        return commandLine.execute(Arrays.stream(args).map(Winnow::singleDashSpelling).toArray(String[]::new));
    }

    private static String commandName(CommandLine command) {
        return command.getCommandName().equals("winnow") ? "" : command.getCommandName() + " ";
    }

    /** llama.cpp writes some long options with one dash, which would be read as a cluster of short ones. */
    private static String singleDashSpelling(String arg) {
        return switch (arg) {
            case "-no-cnv" -> "--no-cnv";
            case "-ngl" -> "--n-gpu-layers";
            default -> arg;
        };
    }

    private int report(Exception failure, CommandLine command) {
        if (debug) {
            failure.printStackTrace(command.getErr());
        }
        if (failure instanceof WinnowException known) {
            command.getErr().println("winnow: " + known.getMessage());
            return ExitCodes.of(known);
        }
        command.getErr().println("winnow: internal error: " + failure + (debug ? "" : " (--debug shows where)"));
        return ExitCodes.INTERNAL;
    }

    /** The version from the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Winnow.class.getPackage().getImplementationVersion();
            return new String[]{"winnow " + (version == null ? "development" : version)};
        }
    }
}
