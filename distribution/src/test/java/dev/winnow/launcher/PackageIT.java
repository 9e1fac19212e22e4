package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The assembled package as a user has it: started by its script, in an empty home, without anything of the build on its class path. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals, links and scripts of POSIX")
class PackageIT {

    private static final long PATIENCE_SECONDS = 120;
    private static final String INCUBATOR_NOTICE = "WARNING: Using incubator modules: jdk.incubator.vector\n";

    @TempDir
    private static Path folder;

    private static Path home = Path.of("");
    private static Path model = Path.of("");

    /** What a process left behind; the line that the JDK itself writes about its incubator module is not part of {@code err}. */
    private record Outcome(int exitCode, String out, String err) {}

    @BeforeAll
    static void prepare() throws IOException {
        home = Path.of(System.getProperty("winnow.home", "missing"));
        assertTrue(Files.isExecutable(home.resolve("bin/winnow")), "the package is not built: " + home);
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
    }

    private static ProcessBuilder command(Path script, String... arguments) {
        List<String> words = new ArrayList<>(List.of(script.toString()));
        words.addAll(List.of(arguments));
        ProcessBuilder command = new ProcessBuilder(words).directory(folder.toFile());
        Map<String, String> environment = command.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOME", folder.toString());
        return command;
    }

    private static Outcome finish(ProcessBuilder command, String input) throws IOException, InterruptedException {
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = command.redirectError(err.toFile()).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out;
        try (InputStream stream = process.getInputStream()) {
            out = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
        return new Outcome(process.exitValue(), out, Files.readString(err).replace(INCUBATOR_NOTICE, ""));
    }

    private static Outcome winnow(String... arguments) throws IOException, InterruptedException {
        return finish(command(home.resolve("bin/winnow"), arguments), "");
    }

    @Test
    void sayItsVersion() throws IOException, InterruptedException {
        Outcome outcome = winnow("--version");
        assertEquals(0, outcome.exitCode());
        assertTrue(outcome.out().matches("winnow \\d.*, Java 25.*\n"), outcome.out());
        assertEquals("", outcome.err());
    }

    @Test
    void theCommandLinesOfLlamaCppWork() throws IOException, InterruptedException {
        String[] line = {"run", "-m", model.toString(), "-ngl", "0", "-c", "256", "-n", "12", "-t", "2", "-p", "the grain in the chaff",
                "--seed", "7",
                "--temp", "0.0", "--sampling-seq", "k", "--top-k", "1", "--simple-io", "--no-cnv", "--ignore-eos"};
        Outcome first = winnow(line);
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.err().matches("prompt: 15 tokens, [0-9.]+ t/s; generated: 12 tokens, [0-9.]+ t/s\n"), first.err());
        line[10] = "1"; // threads
        assertEquals(first.out(), winnow(line).out(), "the answer depends on the number of threads");
    }

    @Test
    void theFastBackendIsInUse() throws IOException, InterruptedException {
        JsonNode plugins = new ObjectMapper().readTree(winnow("plugins", "--json").out());
        for (String kind : List.of("attention", "linear", "elementwise")) {
            boolean used = false;
            for (JsonNode plugin : plugins) {
                used |= plugin.get("kind").asString().equals(kind) && plugin.get("id").asString().equals("cpu")
                        && plugin.get("chosen").asBoolean();
            }
            assertTrue(used, kind + ": " + plugins);
        }
    }

    @Test
    void inspectWritesJson() throws IOException, InterruptedException {
        JsonNode report = new ObjectMapper().readTree(winnow("inspect", model.toString(), "-o", "json").out());
        assertEquals("llama", report.get("architecture").asString());
        assertTrue(report.get("runs").asBoolean());
        assertEquals(report.get("tensor_count").asInt(), report.get("tensors").size());
    }

    @Test
    void promptsAreUtf8InEveryLocale() throws IOException, InterruptedException {
        ProcessBuilder command = command(home.resolve("bin/winnow"), "tokenize", "-m", model.toString(), "-p", "é", "--ids");
        command.environment().put("LC_ALL", "C");
        assertEquals("[195, 169]\n", finish(command, "").out());
    }

    @Test
    void everyDamagedFileIsOneSentence() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(model);
        for (int length : List.of(0, 3, 11, 23, 24, 500, whole.length / 2, whole.length - 1)) {
            Path damaged = folder.resolve("damaged-" + length + ".gguf");
            Files.write(damaged, java.util.Arrays.copyOf(whole, length));
            Outcome outcome = winnow("run", "-m", damaged.toString(), "-p", "x", "-n", "1");
            assertEquals(3, outcome.exitCode(), outcome.err());
            assertTrue(outcome.err().startsWith("winnow: error: ") && outcome.err().lines().count() == 1, outcome.err());
        }
    }

    @Test
    void aClosedOutputEndsTheCommandQuietly() throws IOException, InterruptedException {
        ProcessBuilder line = command(Path.of("/bin/sh"), "-c", "\"$0\" run -m \"$1\" -p the -n 900 --ignore-eos | head -c 3 >/dev/null",
                home.resolve("bin/winnow").toString(), model.toString());
        Outcome outcome = finish(line, "");
        assertEquals("", outcome.err());
    }

    @Test
    void interruptionsEndWithTheStatistics() throws IOException, InterruptedException {
        for (Map.Entry<String, Integer> signal : Map.of("INT", 130, "TERM", 143).entrySet()) {
            Path err = folder.resolve(signal.getKey() + ".txt");
            Process process = command(home.resolve("bin/winnow"), "run", "-m", model.toString(), "-p", "the", "-n", "-1", "-c", "1000000",
                    "--ignore-eos").redirectError(err.toFile()).start();
            try (InputStream out = process.getInputStream()) {
                assertTrue(out.read() >= 0, "there is no answer");
                assertEquals(0, new ProcessBuilder("kill", "-" + signal.getKey(), Long.toString(process.pid())).start().waitFor());
                out.readAllBytes();
            }
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
            assertEquals(signal.getValue(), process.exitValue());
            assertTrue(Files.readString(err).stripTrailing().endsWith("; interrupted"), Files.readString(err));
        }
    }

    @Test
    void theArchiveWorksWhereverItIsUnpacked() throws IOException, InterruptedException {
        Path place = Files.createDirectories(folder.resolve("another place"));
        assertEquals(0, new ProcessBuilder("tar", "xzf", System.getProperty("winnow.archive"), "-C", place.toString()).start().waitFor());
        Path unpacked;
        try (Stream<Path> files = Files.list(place)) {
            unpacked = files.findFirst().orElseThrow();
        }
        Path link = Files.createSymbolicLink(folder.resolve("linked"), unpacked.resolve("bin/winnow"));
        ProcessBuilder command = command(link, "run", "-m", model.toString(), "-p", "the", "-n", "2", "--ignore-eos");
        // Strict: the JVM refuses to start if the AOT cache does not fit the unpacked files.
        command.environment().put("WINNOW_JAVA_OPTS", "-XX:AOTMode=on");
        Outcome outcome = finish(command, "");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void aRealModelKnowsItsCapital() throws IOException, InterruptedException {
        Path file = Path.of(System.getProperty("winnow.models", "missing"), "SmolLM2-135M-Instruct.Q4_1.gguf");
        assumeTrue(Files.exists(file), "the model is not here, scripts/get-models gets it: " + file.getFileName());
        Outcome outcome = winnow("run", "-m", file.toString(), "-p", "The capital of France is", "-n", "4", "--temp", "0");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("Paris", outcome.out().strip().substring(0, 5));
    }
}
