package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class ConfiguredDefaultsTest {

    private static final String HOME = "dev.winnow.home";

    @TempDir
    private Path folder;

    private final @Nullable String before = System.getProperty(HOME);

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(HOME);
        } else {
            System.setProperty(HOME, before);
        }
    }

    private @Nullable String value(String command, String option, String configuration) throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("conf")).resolve("winnow.properties"), configuration);
        System.setProperty(HOME, folder.toString());
        CommandLine line = new CommandLine(CommandSpec.create());
        Commands.addAll(line);
        CommandSpec spec = Objects.requireNonNull(line.getSubcommands().get(command)).getCommandSpec();
        return ConfiguredDefaults.read().defaultValue(spec.findOption(option));
    }

    @Test
    void aFormatForAllCommandsIsNoPageOfReport() throws IOException {
        assertEquals("json", value("bench", "-o", "winnow.output=json"));
        assertNull(value("report", "-o", "winnow.output=json"));
        assertNull(value("report", "-o", "winnow.o=json"));
        assertEquals("R.md", value("report", "-o", "winnow.output=json\nwinnow.report.output=R.md"));
        assertEquals("4", value("report", "-t", "winnow.threads=4"));
    }
}
