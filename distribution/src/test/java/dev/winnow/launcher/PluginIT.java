package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Plug-ins of others in the assembled package: the example of the documentation, compiled against the packaged API, and broken ones. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the package is started by its POSIX script")
class PluginIT {

    private static final String SERVICE = "META-INF/services/dev.winnow.spi.MaskRefinerProvider";

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));
    private static String model = "";
    private static String example = "";

    @BeforeAll
    static void prepare() throws IOException {
        winnow = PackagedWinnow.built(folder);
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        model = file.toString();
        Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of(System.getProperty("winnow.docs")).resolve("plugins.md")));
        assertTrue(code.find(), "the documentation has no example");
        example = code.group(1);
    }

    /** Compiles one class with the packaged API as its only dependency, and returns a jar with it as a provider. */
    private static Path jar(String name, String className, String source) throws IOException {
        Path work = Files.createDirectories(folder.resolve(name));
        Path file = work.resolve(className + ".java");
        Files.writeString(file, source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "the tests run on a JRE");
        try (Stream<Path> jars = Files.list(winnow.home().resolve("lib"))) {
            Path api = jars.filter(jar -> jar.getFileName().toString().startsWith("runtime-api")).findFirst().orElseThrow();
            assertEquals(0, compiler.run(null, null, null, "-d", work.toString(), "-cp", api.toString(), file.toString()));
        }
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(work)) {
            for (Path compiled : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                entries.putNextEntry(new JarEntry(work.relativize(compiled).toString()));
                Files.copy(compiled, entries);
            }
            entries.putNextEntry(new JarEntry(SERVICE));
            entries.write(("example." + className + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return jar;
    }

    private static PackagedWinnow.Outcome run(Path jar, String... more) throws IOException, InterruptedException {
        String[] line = {"run", "-m", model, "-p", "the grain in the chaff, the grain in the chaff", "-n", "4", "--temp", "0",
                "--ignore-eos", "--plugin-path",
                jar.toString()};
        return winnow.run(Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void theExampleOfTheDocumentationWorks() throws IOException, InterruptedException {
        Path jar = jar("thinning", "ThinningProvider", example);
        PackagedWinnow.Outcome idle = run(jar);
        assertEquals(0, idle.exitCode(), idle.err());
        assertTrue(!idle.err().contains("kept keys"), "a plug-in runs although nobody asked for it: " + idle.err());
        PackagedWinnow.Outcome thinned = run(jar, "--refiner", "thinning:every=8,latest=4");
        Matcher kept = Pattern.compile("kept keys: ([0-9.]+) %").matcher(thinned.err());
        assertTrue(kept.find(), thinned.err());
        assertTrue(Double.parseDouble(kept.group(1)) < 60, thinned.err());
        PackagedWinnow.Outcome all = run(jar, "--refiner", "thinning:latest=1000");
        assertEquals(idle.out(), all.out(), "a refiner that keeps every key changes the answer");
    }

    @Test
    void itsSettingsAreChecked() throws IOException, InterruptedException {
        Path jar = jar("checked", "ThinningProvider", example);
        for (String setting : List.of("every=1", "evry=2", "every=x")) {
            PackagedWinnow.Outcome outcome = run(jar, "--refiner", "thinning:" + setting);
            assertEquals(2, outcome.exitCode(), outcome.err());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
        }
    }

    @Test
    void twoPluginsWithOneIdAreAnErrorThatNamesBoth() throws IOException, InterruptedException {
        Path first = jar("first", "ThinningProvider", example);
        Path second = jar("second", "OtherProvider", example.replace("ThinningProvider", "OtherProvider"));
        PackagedWinnow.Outcome outcome = run(first, "--plugin-path", second.toString());
        assertEquals(6, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("first.jar") && outcome.err().contains("second.jar"), outcome.err());
    }

    @Test
    void aBrokenPluginIsReportedAndTheRestGoesOn() throws IOException, InterruptedException {
        String broken = example.replace("ThinningProvider", "BrokenProvider").replace(
                "public final class BrokenProvider implements MaskRefinerProvider {",
                "public final class BrokenProvider implements MaskRefinerProvider {\n    public BrokenProvider() { throw new IllegalStateException(\"no luck\"); }");
        Path jar = jar("broken", "BrokenProvider", broken);
        assertEquals(0, run(jar).exitCode());
        PackagedWinnow.Outcome listed = winnow.run("plugins", "--plugin-path", jar.toString());
        assertEquals(0, listed.exitCode(), listed.err());
        assertTrue(listed.out().contains("BrokenProvider") && listed.out().contains("no luck"), listed.out());
    }

    @Test
    void aRefinerThatFailsLeadsToAnErrorOrToDenseAttention() throws IOException, InterruptedException {
        String failing = example.replace("ThinningProvider", "FailingProvider").replace(
                "public void refine(AttentionTile tile, AttentionMask mask) {",
                "public void refine(AttentionTile tile, AttentionMask mask) {\n            if (every > 1) { throw new IllegalStateException(\"no luck\"); }");
        Path jar = jar("failing", "FailingProvider", failing);
        PackagedWinnow.Outcome failed = run(jar, "--refiner", "thinning");
        assertEquals(6, failed.exitCode(), failed.err());
        assertTrue(failed.err().contains("thinning") && failed.err().contains("failing.jar"), failed.err());
        PackagedWinnow.Outcome dense = run(jar, "--refiner", "thinning", "--on-refiner-error", "dense");
        assertEquals(0, dense.exitCode(), dense.err());
        assertEquals(run(jar).out(), dense.out());
        assertTrue(dense.err().contains("thinning"), dense.err());
    }
}
