package dev.winnow.launcher;

import dev.winnow.launcher.command.AnnotateCommand;
import dev.winnow.launcher.command.BenchCommand;
import dev.winnow.launcher.command.CalibrateCommand;
import dev.winnow.launcher.command.ChatCommand;
import dev.winnow.launcher.command.CompareCommand;
import dev.winnow.launcher.command.ConvertCommand;
import dev.winnow.launcher.command.DoctorCommand;
import dev.winnow.launcher.command.InspectCommand;
import dev.winnow.launcher.command.NeedleCommand;
import dev.winnow.launcher.command.PerplexityCommand;
import dev.winnow.launcher.command.PluginsCommand;
import dev.winnow.launcher.command.ReportCommand;
import dev.winnow.launcher.command.RunCommand;
import dev.winnow.launcher.command.SparsityCommand;
import dev.winnow.launcher.command.TokenizeCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;

/**
 * The commands by their names, in the order in which they are listed. Reading the options of all of them takes most of the time of a short command, so where it
 * is clear which one is asked for, the command line has only that.
 */
final class Commands {

    private static final Map<String, Class<?>> BY_NAME = byName();
    private static final Set<String> VERSION = Set.of("--version", "-V");

    private Commands() {}

    private static Map<String, Class<?>> byName() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand.class);
        commands.put("chat", ChatCommand.class);
        commands.put("tokenize", TokenizeCommand.class);
        commands.put("inspect", InspectCommand.class);
        commands.put("annotate", AnnotateCommand.class);
        commands.put("convert", ConvertCommand.class);
        commands.put("bench", BenchCommand.class);
        commands.put("compare", CompareCommand.class);
        commands.put("perplexity", PerplexityCommand.class);
        commands.put("needle", NeedleCommand.class);
        commands.put("sparsity", SparsityCommand.class);
        commands.put("report", ReportCommand.class);
        commands.put("calibrate", CalibrateCommand.class);
        commands.put("plugins", PluginsCommand.class);
        commands.put("doctor", DoctorCommand.class);
        commands.put("generate-completion", GenerateCompletion.class);
        return commands;
    }

    /** Adds every command. */
    static void addAll(CommandLine line) {
        BY_NAME.keySet().forEach(name -> add(line, name));
    }

    /** Adds the commands that are needed to understand and run a command line. */
    static void addNeeded(CommandLine line, String... arguments) {
        String name = named(arguments);
        if (name != null) {
            add(line, name);
        } else if (arguments.length != 1 || !VERSION.contains(arguments[0])) {
            addAll(line);
        }
    }

    private static void add(CommandLine line, String name) {
        CommandLine command = new CommandLine(BY_NAME.get(name));
        EnumOptions.inLowerCase(command);
        line.addSubcommand(name, command);
    }

    /** Returns the command that is asked for and needs to know no other; null for help, mistakes and the completion of all commands. */
    private static @Nullable String named(String... arguments) {
        for (String argument : arguments) {
            if (!argument.startsWith("-")) {
                Class<?> command = BY_NAME.get(argument);
                return command == null || command == GenerateCompletion.class ? null : argument;
            }
        }
        return null;
    }
}
