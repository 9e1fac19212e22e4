package dev.winnow.launcher;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Defaults of options from {@code conf/winnow.properties}: {@code winnow.OPTION} for every command that has the option, {@code winnow.COMMAND.OPTION} for one.
 * The command line goes before them.
 */
final class ConfiguredDefaults implements CommandLine.IDefaultValueProvider {

    /** Set by the start script to the folder of the package. */
    private static final String HOME_PROPERTY = "dev.winnow.home";

    private static final String PREFIX = "winnow.";

    /** The command whose output is a file: elsewhere the option is a format, and {@code winnow.output=json} must not name a page. */
    private static final String REPORT = "report";
    private static final String OUTPUT = "--output";

    private final Path file;
    private final Properties properties;

    private ConfiguredDefaults(Path file, Properties properties) {
        this.file = file;
        this.properties = properties;
    }

    /**
     * Reads the file that the environment variable {@code WINNOW_CONFIG} names, or that of the package; if there is none, there are no defaults.
     *
     * @throws WinnowException if it cannot be read, or names what no command has
     */
    static ConfiguredDefaults read() {
        Properties properties = new Properties();
        String named = System.getenv("WINNOW_CONFIG");
        String home = System.getProperty(HOME_PROPERTY);
        Path file = named != null ? Path.of(named) : Path.of(home == null ? "" : home, "conf", "winnow.properties");
        if (named != null || home != null && Files.exists(file)) {
            load(file, properties);
            requireKnown(file, properties.stringPropertyNames());
        }
        return new ConfiguredDefaults(file, properties);
    }

    private static void load(Path file, Properties properties) {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The configuration " + file + " does not exist: check the environment variable WINNOW_CONFIG.", e);
        } catch (IOException | IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage()).replaceFirst("\\.$", "");
            throw new WinnowException(WinnowException.Kind.USAGE, "The configuration " + file + " cannot be read: " + reason + ".", e);
        }
    }

    private static void requireKnown(Path file, Set<String> given) {
        if (given.isEmpty()) {
            return;
        }
        Set<String> unknown = new TreeSet<>(given);
        CommandLine line = new CommandLine(CommandSpec.create());
        Commands.addAll(line);
        Set<String> known = new HashSet<>();
        for (CommandLine command : line.getSubcommands().values()) {
            for (OptionSpec option : command.getCommandSpec().options()) {
                for (String name : option.names()) {
                    known.add(PREFIX + bare(name));
                    known.add(PREFIX + command.getCommandName() + "." + bare(name));
                }
            }
        }
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The configuration " + file + " sets " + String.join(", ", unknown)
                    + ", but no command has such an option: write winnow.OPTION or winnow.COMMAND.OPTION.");
        }
    }

    private static String bare(String name) {
        return name.replaceFirst("^-+", "");
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        String key = key(argument);
        return key == null ? null : properties.getProperty(key);
    }

    /** Returns where a value comes from that is wrong, to be put behind the message; empty if it stands on the command line. */
    String origin(ParameterException failure) {
        String key = failure.getArgSpec() == null || failure.getValue() == null ? null : key(failure.getArgSpec());
        // Defaults are read first: a value that is both in the file and on the command line was found wrong in the file.
        return key != null && properties.getProperty(key, "").contains(failure.getValue()) ? " (" + key + " in " + file + ")" : "";
    }

    /** Returns the name under which the file sets an option: that of its command goes before that of all. */
    private @Nullable String key(ArgSpec argument) {
        if (properties.isEmpty() || !(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        boolean page = option.command().name().equals(REPORT) && option.longestName().equals(OUTPUT);
        List<String> names = Arrays.stream(option.names()).map(ConfiguredDefaults::bare).toList();
        String ofCommand = PREFIX + option.command().name() + ".";
        return Stream.of(ofCommand, PREFIX).filter(prefix -> !page || prefix.equals(ofCommand))
                .flatMap(prefix -> names.stream().map(prefix::concat)).filter(properties::containsKey).findFirst().orElse(null);
    }
}
