package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The assembled package, started by its script in a process of its own, in an empty home and without anything of the build on its class path.
 *
 * @param home   the package
 * @param folder home of the user and working directory
 */
record PackagedWinnow(Path home, Path folder) {

    static final long PATIENCE_SECONDS = 120;

    private static final String INCUBATOR_NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector\n";

    /** What a process left behind; the line that the JDK itself writes about its incubator module is not part of {@code err}. */
    record Outcome(int exitCode, String out, String err) {}

    /** Returns the package that the build has made. */
    static PackagedWinnow built(Path folder) {
        Path home = Path.of(System.getProperty("winnow.home", "missing"));
        assertTrue(Files.isExecutable(home.resolve("bin/winnow")), "the package is not built: " + home);
        return new PackagedWinnow(home, folder);
    }

    Path script() {
        return home.resolve("bin/winnow");
    }

    Outcome run(String... arguments) throws IOException, InterruptedException {
        return finish(command(script(), arguments));
    }

    ProcessBuilder command(Path program, String... arguments) {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(arguments));
        ProcessBuilder command = new ProcessBuilder(words).directory(folder.toFile());
        Map<String, String> environment = command.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOME", folder.toString());
        return command;
    }

    /**
     * Returns a command that Ctrl-C stops. A shell lets programs in the background ignore that signal, and so do all that they start, Java too: then the
     * tests would only pass in the foreground.
     */
    ProcessBuilder interruptible(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder command = command(script(), arguments);
        String[] heeding = {"env", "--default-signal=INT"}; // of GNU
        if (new ProcessBuilder(heeding[0], heeding[1], "true").redirectErrorStream(true).start().waitFor() == 0) {
            command.command().addAll(0, List.of(heeding));
        }
        return command;
    }

    /** Starts a process that does not live longer than a test waits for it. */
    static Process begin(ProcessBuilder command) throws IOException {
        Process process = command.start();
        process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
        return process;
    }

    static void signal(Process process, String name) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    }

    Outcome finish(ProcessBuilder command) throws IOException, InterruptedException {
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = begin(command.redirectError(err.toFile()));
        process.getOutputStream().close();
        String out;
        try (InputStream stream = process.getInputStream()) {
            out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
        return new Outcome(process.exitValue(), out, Files.readString(err).replace(INCUBATOR_NOTICE, ""));
    }
}
