package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Plug-ins of others in the assembled package: the example of the documentation, compiled against the packaged API, and broken ones. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the package is started by its POSIX script")
class PluginIT {

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));
    private static String model = "";
    private static String example = "";
    private static String second = "";

    @BeforeAll
    static void prepare() throws IOException {
        winnow = PackagedWinnow.built(folder);
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        model = file.toString();
        Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of(System.getProperty("winnow.docs")).resolve("plugin-guide.md")));
        assertTrue(code.find(), "the documentation has no example");
        example = code.group(1);
        boolean test = code.find();
        assertTrue(test, "the documentation has no test of its example");
        assertTrue(code.find(), "the documentation has no second example");
        second = code.group(1);
    }

    private static Path jar(String name, String className, String source) throws IOException {
        return new PluginJar(winnow, folder).source(className, source).provides("MaskRefinerProvider", className).write(name);
    }

    private static PackagedWinnow.Outcome run(Path jar, String... more) throws IOException, InterruptedException {
        String[] line = {"run", "-m", model, "-p", "the grain in the chaff, the grain in the chaff", "-n", "4", "--temp", "0",
                "--ignore-eos", "--plugin-path",
                jar.toString()};
        return winnow.run(Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void theExamplesOfTheDocumentationWork() throws IOException, InterruptedException {
        Path jar = jar("sink-window", "SinkWindowProvider", example);
        PackagedWinnow.Outcome idle = run(jar);
        assertEquals(0, idle.exitCode(), idle.err());
        assertTrue(!idle.err().contains("kept keys"), "a plug-in runs although nobody asked for it: " + idle.err());
        assertTrue(keptPercent(run(jar, "--refiner", "sink-window:sinks=1,window=4")) < 60);
        PackagedWinnow.Outcome all = run(jar, "--refiner", "sink-window:window=1000");
        assertEquals(idle.out(), all.out(), "a refiner that keeps every key changes the answer");
        Path other = jar("page-mean", "PageMeanProvider", second);
        assertTrue(keptPercent(run(other, "--refiner", "page-mean:pages=1", "-n", "400")) < 90);
    }

    private static double keptPercent(PackagedWinnow.Outcome outcome) {
        Matcher kept = Pattern.compile("kept keys: ([0-9.]+) %").matcher(outcome.err());
        assertTrue(kept.find(), outcome.err());
        return Double.parseDouble(kept.group(1));
    }

    @Test
    void itsSettingsAreChecked() throws IOException, InterruptedException {
        Path jar = jar("checked", "SinkWindowProvider", example);
        for (String setting : List.of("window=0", "wndow=2", "window=x")) {
            PackagedWinnow.Outcome outcome = run(jar, "--refiner", "sink-window:" + setting);
            assertEquals(2, outcome.exitCode(), outcome.err());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
        }
    }

    @Test
    void twoPluginsWithOneIdAreAnErrorThatNamesBoth() throws IOException, InterruptedException {
        Path first = jar("first", "SinkWindowProvider", example);
        Path second = jar("second", "OtherProvider", example.replace("SinkWindowProvider", "OtherProvider"));
        PackagedWinnow.Outcome outcome = run(first, "--plugin-path", second.toString());
        assertEquals(6, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("first.jar") && outcome.err().contains("second.jar"), outcome.err());
    }
}
