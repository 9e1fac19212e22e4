package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import dev.winnow.core.cdi.RuntimeSettings;
import dev.winnow.launcher.options.RuntimeMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.OutputClosedException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The launcher. A new command is a {@link Callable} in the package {@code command}, named in {@link Commands}. */
@Command(name = "winnow", versionProvider = Version.class, mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", description = {
        "Runs GGUF language models on the CPU, with sparse attention for long contexts.",
        ""}, footerHeading = "%nBegin with:%n", footer = {
                "  winnow run -m model.gguf -p 'Once upon a time' -n 100",
                "  winnow chat -m model.gguf",
                "  winnow doctor -m model.gguf",
                "",
                "'winnow COMMAND --help' shows options and examples. 'source <(winnow generate-completion)' completes them in bash and zsh."}, exitCodeListHeading = "%nExit codes:%n", exitCodeList = {
                        "0:success",
                        "1:internal error",
                        "2:wrong option or input, or a mask refiner under measurement that removed nothing",
                        "3:missing or malformed model file",
                        "4:valid model that Winnow cannot run",
                        "5:not enough memory, context or disk space",
                        "6:plug-in problem",
                        "124:the time of --timeout was over",
                        "130:interrupted",
                        "141:the output was closed"})
public final class Winnow implements Runnable {

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where an error comes from.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    private Winnow() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Console.ofProcess(), arguments));
    }

    /**
     * Runs a command.
     *
     * @return the exit code
     */
    static int run(Console console, String... arguments) {
        CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
        Winnow winnow = new Winnow();
        Failures failures = new Failures(console);
        CommandLine line = new CommandLine(winnow);
        Commands.addNeeded(line, arguments);
        // The words after an option are its value whatever they look like, as in llama.cpp: prompts begin with any character, and the last option counts.
        line.setAllowOptionsAsOptionParameters(true).setAllowSubcommandsAsOptionParameters(true).setOverwrittenOptionsAllowed(true)
                .setPosixClusteredShortOptionsAllowed(false).setExpandAtFiles(false).setInterpolateVariables(true)
                .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8)).setUsageHelpAutoWidth(false).setUsageHelpWidth(120)
                .setColorScheme(CommandLine.Help.defaultColorScheme(console.colors() ? Ansi.ON : Ansi.OFF));
        line.setParameterExceptionHandler((failure, words) -> failures.report(failure));
        line.setExecutionStrategy(parsed -> winnow.execute(console, failures, parsed));
        int exitCode;
        try {
            line.setDefaultValueProvider(ConfiguredDefaults.read());
            exitCode = line.execute(arguments);
            if (exitCode == ExitCode.OK) {
                console.flush(); // help, versions and completions are still in its buffer
            }
        } catch (WinnowException | OutputClosedException e) {
            exitCode = failures.report(e, false);
        }
        return exitCode;
    }

    /** Without a command there is nothing to do but to say which there are. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "There is no command: give one of " + String.join(", ", spec.subcommands().keySet()));
    }

    private int execute(Console console, Failures failures, ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        CommandLine command = parsed.asCommandLineList().getLast();
        if (!(command.getCommand() instanceof Callable<?> callable)) {
            return new CommandLine.RunLast().execute(parsed);
        }
        RuntimeSettings settings = settings(command.getCommandSpec()).findFirst().orElseGet(RuntimeSettings::defaults);
        WarningsHandler.install(console);
        try (Container container = Container.start(console, settings)) {
            inject(container, callable);
            return callable.call() instanceof Integer exitCode ? exitCode : ExitCode.OK;
        } catch (ParameterException e) {
            throw e;
        } catch (Throwable e) { // whatever it is: the user gets a sentence
            return failures.report(e, debug);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> void inject(Container container, T command) {
        container.inject((Class<T>) command.getClass(), command);
    }

    /** Finds the settings of the runtime among a command's mixins and theirs. */
    private static Stream<RuntimeSettings> settings(CommandSpec command) {
        return command.mixins().values().stream().flatMap(
                mixin -> mixin.userObject() instanceof RuntimeMixin options ? Stream.of(options.settings()) : settings(mixin));
    }
}
