package dev.winnow.launcher.command;

import dev.winnow.launcher.options.ArmsMixin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** A command line as it can be published and run again: without the folders of this machine, and with quotes for a shell. */
final class PublishedCommand {

    private static final String SPARSE = "--sparse";
    private static final String PLAIN = "[\\w@%+=:,./-]+";

    private PublishedCommand() {}

    /** Returns the options that were given on the command line, those that were repeated beside each other. */
    static String of(ParseResult given) {
        List<String> words = new ArrayList<>(List.of(given.commandSpec().qualifiedName()));
        for (OptionSpec option : given.matchedOptions().stream().distinct().toList()) {
            if (option.arity().max() == 0) {
                words.add(option.shortestName());
                continue;
            }
            for (String value : option.originalStringValues()) {
                words.add(option.shortestName());
                words.add(quoted(withoutFolders(option, value)));
            }
        }
        return String.join(" ", words);
    }

    private static String withoutFolders(OptionSpec option, String value) {
        if (List.of(option.auxiliaryTypes()).contains(Path.class)) {
            return String.valueOf(Path.of(value).getFileName());
        }
        return List.of(option.names()).contains(SPARSE) ? ArmsMixin.withoutFolders(value) : value;
    }

    private static String quoted(String word) {
        return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
