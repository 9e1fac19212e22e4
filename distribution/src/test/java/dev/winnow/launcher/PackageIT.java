package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));
    private static Path model = Path.of("");

    @BeforeAll
    static void prepare() throws IOException {
        winnow = PackagedWinnow.built(folder);
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
    }

    @Test
    void sayItsVersion() throws IOException, InterruptedException {
        PackagedWinnow.Outcome outcome = winnow.run("--version");
        assertEquals(0, outcome.exitCode());
        assertTrue(outcome.out().matches("winnow \\d.*, Java 25.*\n"), outcome.out());
        assertEquals("", outcome.err());
    }

    @Test
    void theCommandLinesOfLlamaCppWork() throws IOException, InterruptedException {
        String[] line = {"run", "-m", model.toString(), "-ngl", "0", "-c", "256", "-n", "12", "-t", "2", "-p", "the grain in the chaff",
                "--seed", "7",
                "--temp", "0.0", "--sampling-seq", "k", "--top-k", "1", "--simple-io", "--no-cnv", "--ignore-eos"};
        PackagedWinnow.Outcome first = winnow.run(line);
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.err().matches("prompt: 15 tokens, [0-9.]+ t/s; generated: 12 tokens, [0-9.]+ t/s\n"), first.err());
        line[10] = "1"; // threads
        assertEquals(first.out(), winnow.run(line).out(), "the answer depends on the number of threads");
    }

    @Test
    void theFastBackendIsInUse() throws IOException, InterruptedException {
        JsonNode plugins = new ObjectMapper().readTree(winnow.run("plugins", "--json").out());
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
        JsonNode report = new ObjectMapper().readTree(winnow.run("inspect", model.toString(), "-o", "json").out());
        assertEquals("llama", report.get("architecture").asString());
        assertTrue(report.get("runs").asBoolean());
        assertEquals(report.get("tensor_count").asInt(), report.get("tensors").size());
    }

    @Test
    void promptsAreUtf8InEveryLocale() throws IOException, InterruptedException {
        ProcessBuilder command = winnow.command(winnow.script(), "tokenize", "-m", model.toString(), "-p", "é", "--ids");
        command.environment().put("LC_ALL", "C");
        assertEquals("[195, 169]\n", winnow.finish(command).out());
    }

    @Test
    void defaultsComeFromTheConfiguration() throws IOException, InterruptedException {
        Path config = folder.resolve("winnow.properties");
        Files.writeString(config, "winnow.model=" + model + "\nwinnow.run.n=3\nwinnow.run.temp=0\nwinnow.ignore-eos=true\n");
        assertTrue(configured(config, "run", "-p", "the").err().contains("generated: 3 tokens"));
        assertTrue(configured(config, "run", "-p", "the", "-n", "2").err().contains("generated: 2 tokens"));
        Files.writeString(config, "winnow.moddel=x\n");
        PackagedWinnow.Outcome wrong = configured(config, "run", "-p", "the");
        assertEquals(2, wrong.exitCode());
        assertTrue(wrong.err().contains("sets winnow.moddel, but no command has such an option"), wrong.err());
        Files.writeString(config, "winnow.run.temp=hot\n");
        wrong = configured(config, "run", "-m", model.toString(), "-p", "the");
        assertTrue(wrong.err().contains("'hot' is not a float (winnow.run.temp in " + config + ")"), wrong.err());
        Files.writeString(config, "winnow.run.temp=0\n");
        wrong = configured(config, "run", "-m", model.toString(), "-p", "the", "--temp", "hot");
        assertTrue(wrong.err().contains("'hot' is not a float; see"), wrong.err());
        Files.writeString(config, "winnow.run.temp=\\u00g\n");
        assertTrue(configured(config, "run").err().endsWith(" cannot be read: Malformed \\uxxxx encoding.\n"));
        assertTrue(configured(folder.resolve("none"), "run").err().contains("none does not exist: check the environment variable"));
    }

    private static PackagedWinnow.Outcome configured(Path config, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder command = winnow.command(winnow.script(), arguments);
        command.environment().put("WINNOW_CONFIG", config.toString());
        return winnow.finish(command);
    }

    @Test
    void everyDamagedFileIsOneSentence() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(model);
        for (int length : List.of(0, 3, 11, 23, 24, 500, whole.length / 2, whole.length - 1)) {
            Path damaged = folder.resolve("damaged-" + length + ".gguf");
            Files.write(damaged, java.util.Arrays.copyOf(whole, length));
            PackagedWinnow.Outcome outcome = winnow.run("run", "-m", damaged.toString(), "-p", "x", "-n", "1");
            assertEquals(3, outcome.exitCode(), outcome.err());
            assertTrue(outcome.err().startsWith("winnow: error: ") && outcome.err().lines().count() == 1, outcome.err());
        }
    }

    @Test
    void aClosedOutputEndsTheCommandQuietly() throws IOException, InterruptedException {
        ProcessBuilder line = winnow.command(Path.of("/bin/sh"), "-c",
                "\"$0\" run -m \"$1\" -p the -n 900 --ignore-eos | head -c 3 >/dev/null",
                winnow.script().toString(), model.toString());
        PackagedWinnow.Outcome outcome = winnow.finish(line);
        assertEquals("", outcome.err());
    }

    @Test
    void interruptionsEndWithTheStatistics() throws IOException, InterruptedException {
        for (Map.Entry<String, Integer> signal : Map.of("INT", 130, "TERM", 143).entrySet()) {
            Path err = folder.resolve(signal.getKey() + ".txt");
            Process process = PackagedWinnow
                    .begin(winnow.interruptible("run", "-m", model.toString(), "-p", "the", "-n", "-1", "-c", "1000000",
                            "--ignore-eos").redirectError(err.toFile()));
            try (InputStream out = process.getInputStream()) {
                assertTrue(out.read() >= 0, "there is no answer");
                PackagedWinnow.signal(process, signal.getKey());
                out.readAllBytes();
            }
            assertTrue(process.waitFor(PackagedWinnow.PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
            assertEquals(signal.getValue(), process.exitValue());
            assertTrue(Files.readString(err).stripTrailing().endsWith("; interrupted"), Files.readString(err));
        }
    }

    @Test
    void withoutItsPluginsTheReferenceStillAnswers() throws IOException, InterruptedException {
        Path copy = folder.resolve("bare");
        Files.createDirectories(copy.resolve("plugins"));
        for (String part : List.of("bin", "conf", "lib")) {
            Files.createDirectories(copy.resolve(part));
            try (Stream<Path> files = Files.list(winnow.home().resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(part).resolve(file.getFileName()));
                }
            }
        }
        Path runtime = Files.createSymbolicLink(copy.resolve("runtime"), winnow.home().resolve("runtime"));
        PackagedWinnow.Outcome outcome = winnow
                .finish(winnow.command(copy.resolve("bin/winnow"), "doctor", "-m", model.toString(), "-o", "csv"));
        Files.delete(runtime);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("", outcome.err());
        assertFalse(outcome.out().contains("\"attention cpu\""), outcome.out());
        assertTrue(outcome.out().contains("the slow reference backend is in use: attention"), outcome.out());
    }

    @Test
    void aRealModelKnowsItsCapital() throws IOException, InterruptedException {
        Path file = Path.of(System.getProperty("winnow.models", "missing"), "SmolLM2-135M-Instruct.Q4_1.gguf");
        assumeTrue(Files.exists(file), "the model is not here, scripts/get-models gets it: " + file.getFileName());
        PackagedWinnow.Outcome outcome = winnow.run("run", "-m", file.toString(), "-p", "The capital of France is", "-n", "4", "--temp",
                "0");
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals("Paris", outcome.out().strip().substring(0, 5));
    }
}
