package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

class CommandsTest {

    @Test
    void everyCommandIsListedUnderItsOwnName() {
        CommandLine line = new CommandLine(CommandSpec.create());
        Commands.addAll(line);
        line.getSubcommands().forEach((name, command) -> assertEquals(name,
                command.getCommandSpec().userObject().getClass().getAnnotation(Command.class).name()));
        assertTrue(line.getSubcommands().size() > 10);
    }

    @Test
    void theNamedCommandIsEnough() {
        assertEquals(Set.of("run"), added("run", "-p", "bench"));
        assertEquals(Set.of("bench"), added("--debug", "bench", "--help"));
        assertEquals(Set.of(), added("--version"));
    }

    @Test
    void helpAndMistakesAndCompletionNeedAll() {
        for (List<String> arguments : List.of(List.<String>of(), List.of("--help"), List.of("walk"), List.of("walk", "run"),
                List.of("generate-completion"), List.of("-V", "-h"))) {
            assertTrue(added(arguments.toArray(String[]::new)).containsAll(Set.of("run", "doctor")), arguments::toString);
        }
    }

    private static Set<String> added(String... arguments) {
        CommandLine line = new CommandLine(CommandSpec.create());
        Commands.addNeeded(line, arguments);
        return line.getSubcommands().keySet();
    }
}
