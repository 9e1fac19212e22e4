package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The assembled package at a terminal, which the program {@code script} of util-linux plays. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the program script of other systems has other options")
@Isolated("keys are typed into a terminal at moments that nothing tells")
class TerminalIT {

    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));

    @BeforeAll
    static void prepare() {
        assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT + " of util-linux");
        winnow = PackagedWinnow.built(folder);
    }

    private static ProcessBuilder inTerminal(String shellCommand) {
        ProcessBuilder command = winnow.command(SCRIPT, "-qec", "stty cols 100 rows 24; " + shellCommand, "/dev/null");
        command.environment().put("TERM", "xterm");
        return command;
    }

    @Test
    void helpIsColouredUnlessNoColorIsSet() throws IOException, InterruptedException {
        ProcessBuilder command = inTerminal("'" + winnow.script() + "' run --help");
        assertTrue(winnow.finish(command).out().contains("\u001b["), "no colours at a terminal");
        command.environment().put("NO_COLOR", "1");
        PackagedWinnow.Outcome plain = winnow.finish(command);
        assertEquals(0, plain.exitCode(), plain.out());
        assertTrue(plain.out().contains("--help"), plain.out());
        assertFalse(plain.out().contains("\u001b"), plain.out());
    }

    @Test
    void anAnswerAndItsMessagesHaveNoColourWhereNoColorIsSet() throws IOException, InterruptedException {
        Path model = folder.resolve("plain.gguf");
        TinyModel.write(model);
        ProcessBuilder command = inTerminal("'" + winnow.script() + "' run -m '" + model + "' -p the -n 4 --temp 0 --ignore-eos; '"
                + winnow.script() + "' run -m missing.gguf -p the; '" + winnow.script() + "' plugins; '" + winnow.script() + "' doctor");
        command.environment().put("NO_COLOR", "1");
        String shown = winnow.finish(command).out();
        assertTrue(shown.contains("generated: 4 tokens") && shown.contains("winnow: error: "), shown);
        // A progress line erases itself with CSI K, which is no colour; colours and other renditions end with m.
        assertFalse(shown.matches("(?s).*\u001b\\[[0-9;]*m.*"), shown);
    }

    @Test
    void aConversationAtATerminal() throws IOException, InterruptedException {
        Path model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
        ProcessBuilder command = inTerminal("'" + winnow.script() + "' chat -m '" + model + "' -n 5 -t 1");
        Process process = PackagedWinnow.begin(command.redirectErrorStream(true));
        StringBuilder seen = new StringBuilder();
        try (InputStream out = process.getInputStream(); OutputStream keys = process.getOutputStream()) {
            await(out, seen, "> ");
            type(keys, "the grain\r");
            await(out, seen, "generated: ");
            await(out, seen, "> ");
            type(keys, "half a line\u0003");
            await(out, seen, "> ");
            type(keys, "/reset\r");
            await(out, seen, "forgotten");
            await(out, seen, "> ");
            type(keys, "\u0004");
            out.readAllBytes();
        }
        assertTrue(process.waitFor(PackagedWinnow.PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
        assertEquals(0, process.exitValue(), seen.toString());
        assertEquals(List.of("the grain", "/reset"), Files.readAllLines(folder.resolve(".local/state/winnow/chat-history")));
    }

    private static void await(InputStream out, StringBuilder seen, String text) throws IOException {
        int from = seen.length();
        while (seen.indexOf(text, from) < 0) {
            int next = out.read();
            assertTrue(next >= 0, "'" + text + "' did not come: " + seen);
            seen.append((char) next);
        }
    }

    private static void type(OutputStream keys, String text) throws IOException, InterruptedException {
        TimeUnit.MILLISECONDS.sleep(500); // the terminal changes its mode after the prompt is shown
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }
}
