package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be wrong with a plug-in, each with a real jar in the assembled package: the message names the jar, and nothing else is affected. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the package is started by its POSIX script")
class BrokenPluginIT {

    private static final String REFINER = """
            package example;
            import dev.winnow.spi.*;
            import java.util.*;
            public final class Broken implements MaskRefinerProvider {
                %s
                public String id() { return "%s"; }
                public int spiVersion() { return %s; }
                public String description() { return "breaks"; }
                public RefinerDecision decide(RefinerRequest request) {
                    if (!request.asked()) { return new RefinerDecision.DoesNotApply(List.of("nobody asked for it")); }
                    return new RefinerDecision.Applies(RefinerPhase.POSITIONAL, false, Map.of(), context -> new MaskRefiner() {
                        %s
                        public void refine(AttentionTile tile, AttentionMask mask) { %s }
                    });
                }
            }
            """;

    @TempDir
    private static Path folder;

    private static PackagedWinnow winnow = new PackagedWinnow(Path.of(""), Path.of(""));
    private static String model = "";
    private static String dense = "";

    @BeforeAll
    static void prepare() throws IOException, InterruptedException {
        winnow = PackagedWinnow.built(folder);
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        model = file.toString();
        dense = winnow.run(line()).out();
    }

    private static String[] line(String... more) {
        return Stream.concat(Stream.of("run", "-m", model, "-p", "the grain in the chaff, the grain in the chaff", "-n", "4", "--temp", "0",
                "--ignore-eos"), Stream.of(more)).toArray(String[]::new);
    }

    private static Path refiner(String name, String members, String id, String version, String methods, String refine) throws IOException {
        return new PluginJar(winnow, folder).source("Broken", REFINER.formatted(members, id, version, methods, refine))
                .provides("MaskRefinerProvider", "Broken").write(name);
    }

    private static Path backend(String name, int priority, String attend) throws IOException {
        String source = """
                package example;
                import dev.winnow.spi.*;
                import java.util.*;
                public final class Broken implements AttentionBackendProvider {
                    public String id() { return "broken"; }
                    public int spiVersion() { return SPI_VERSION; }
                    public int priority() { return %d; }
                    public AttentionBackend create(BackendContext context) {
                        return new AttentionBackend() {
                            public List<String> unsupported(LayerSpec layer, KvType type) { return List.of(); }
                            public void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, AttentionAccumulator target) { %s }
                        };
                    }
                }
                """
                .formatted(priority, attend);
        return new PluginJar(winnow, folder).source("Broken", source).provides("AttentionBackendProvider", "Broken").write(name);
    }

    /** The jar is listed with a reason, a run that does not ask for it is as ever, and a run that does says why it cannot be. */
    private static void assertIsolated(Path jar, String reason) throws IOException, InterruptedException {
        String name = jar.getFileName().toString();
        PackagedWinnow.Outcome listed = winnow.run("plugins", "-o", "csv", "--plugin-path", jar.toString());
        assertEquals(0, listed.exitCode(), listed.err());
        String row = listed.out().lines().filter(line -> line.contains(name)).findFirst()
                .orElseThrow(() -> new AssertionError(listed.out()));
        assertTrue(row.contains(reason), row);
        PackagedWinnow.Outcome idle = winnow.run(line("--plugin-path", jar.toString()));
        assertEquals(dense, idle.out(), idle.err());
        PackagedWinnow.Outcome asked = winnow.run(line("--plugin-path", jar.toString(), "--refiner", "broken"));
        assertTrue(asked.exitCode() == 2 || asked.exitCode() == 6, asked.err());
        assertEquals(1, asked.err().lines().count(), asked.err());
        assertTrue(asked.err().contains(name), asked.err());
    }

    @Test
    void constructorThrows() throws IOException, InterruptedException {
        assertIsolated(
                refiner("unlucky", "public Broken() { throw new IllegalStateException(\"no luck\"); }", "broken", "SPI_VERSION", "", ""),
                "no luck");
    }

    @Test
    void classInitialiserThrows() throws IOException, InterruptedException {
        assertIsolated(refiner("static", "static final int N = Integer.parseInt(\"x\");", "broken", "SPI_VERSION", "", ""),
                "For input string");
    }

    @Test
    void classIsMissing() throws IOException, InterruptedException {
        assertIsolated(new PluginJar(winnow, folder).source("Broken", REFINER.formatted("", "broken", "SPI_VERSION", "", ""))
                .provides("MaskRefinerProvider", "Broken").without("Broken").write("hollow"), "example.Broken not found");
    }

    @Test
    void itsBaseClassIsMissing() throws IOException, InterruptedException {
        assertIsolated(new PluginJar(winnow, folder).source("Base", "package example; public class Base {}")
                .source("Broken",
                        REFINER.formatted("", "broken", "SPI_VERSION", "", "").replace("Broken implements",
                                "Broken extends Base implements"))
                .provides("MaskRefinerProvider", "Broken").without("Base").write("baseless"), "example/Base");
    }

    @Test
    void classesDoNotFitTogether() throws IOException, InterruptedException {
        assertIsolated(new PluginJar(winnow, folder).source("Helper", "package example; public class Helper {}")
                .source("Broken", REFINER.formatted("final Helper helper = new Helper();", "broken", "SPI_VERSION", "", ""))
                .provides("MaskRefinerProvider", "Broken").without("Helper").write("unfit"), "its classes do not fit together");
    }

    @Test
    void wrongVersionOfTheInterface() throws IOException, InterruptedException {
        assertIsolated(refiner("future", "", "broken", "99", "", ""), "version 99");
    }

    @Test
    void availabilityThrows() throws IOException, InterruptedException {
        assertIsolated(refiner("moody", "public Availability availability() { throw new IllegalStateException(\"no mood\"); }", "broken",
                "SPI_VERSION", "", ""), "no mood");
    }

    @ParameterizedTest
    @CsvSource({"reference", "cpu", "swa", "sparsek"})
    void reservedId(String id) throws IOException, InterruptedException {
        Path jar = refiner("impostor-" + id, "", id, "SPI_VERSION", "", "");
        String listed = winnow.run("plugins", "-o", "csv", "--plugin-path", jar.toString()).out();
        assertTrue(listed.lines().anyMatch(row -> row.contains("impostor-" + id + ".jar") && row.contains("is reserved")), listed);
        assertEquals(dense, winnow.run(line("--plugin-path", jar.toString())).out());
    }

    @Test
    void aTieOfPrioritiesAsksForAChoice() throws IOException, InterruptedException {
        Path jar = backend("rival", 100, "");
        PackagedWinnow.Outcome tie = winnow.run(line("--plugin-path", jar.toString()));
        assertEquals(6, tie.exitCode(), tie.err());
        assertTrue(tie.err().contains("rival.jar") && tie.err().contains("plugin-cpu") && tie.err().contains("same priority"), tie.err());
        assertEquals(dense, winnow.run(line("--plugin-path", jar.toString(), "--attention-backend", "cpu")).out());
    }

    @Test
    void anAttentionBackendThatReturnsNoNumbers() throws IOException, InterruptedException {
        Path jar = backend("dizzy", 1, "Arrays.fill(target.sum(), Float.NaN);");
        PackagedWinnow.Outcome outcome = winnow.run(line("--plugin-path", jar.toString(), "--attention-backend", "broken"));
        assertEquals(6, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("dizzy.jar") && outcome.err().contains("NaN"), outcome.err());
        assertEquals("", outcome.out());
    }

    @Test
    void anAttentionBackendThatThrows() throws IOException, InterruptedException {
        Path jar = backend("angry", 1, "throw new IllegalStateException(\"no luck\");");
        PackagedWinnow.Outcome outcome = winnow.run(line("--plugin-path", jar.toString(), "--attention-backend", "broken"));
        assertEquals(6, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("angry.jar") && outcome.err().contains("no luck"), outcome.err());
    }

    /** Each is an error that names the jar, and with --on-refiner-error dense exactly the dense answer and a warning that names it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            midway   | | for (int h = 0; h < mask.headCount(); h++) { mask.removeKeys(h, 0, 9); } throw new IllegalStateException("no luck");
            linkage  | | throw new NoSuchMethodError("no luck");
            widening | | mask.reset(MaskBase.CROSS, tile.headCount(), tile.firstPosition(), tile.positionCount(), 0, tile.keyValues().keyCount());
            deaf     | public void keysAppended(LayerSpec l, int h, KeyValues k, int from, int to) { throw new IllegalStateException("no luck"); } | mask.removeBlock(0, 0);
            unready  | public void beginLayer(LayerSpec l, AttentionPhase p, int from, int count) { throw new IllegalStateException("no luck"); } | mask.removeBlock(0, 0);
            unsure   | public boolean engages(LayerSpec l, AttentionPhase p, int keys) { throw new IllegalStateException("no luck"); } | mask.removeBlock(0, 0);
            """)
    void aRefinerThatFails(String name, String methods, String refine) throws IOException, InterruptedException {
        Path jar = refiner(name, "", "broken", "SPI_VERSION", methods == null ? "" : methods, refine);
        PackagedWinnow.Outcome failed = winnow.run(line("--plugin-path", jar.toString(), "--refiner", "broken"));
        assertEquals(6, failed.exitCode(), failed.err());
        assertEquals(1, failed.err().lines().count(), failed.err());
        assertTrue(failed.err().contains("'broken' from " + name + ".jar"), failed.err());
        assertEquals("", failed.out());
        PackagedWinnow.Outcome excused = winnow
                .run(line("--plugin-path", jar.toString(), "--refiner", "broken", "--on-refiner-error", "dense"));
        assertEquals(0, excused.exitCode(), excused.err());
        assertEquals(dense, excused.out());
        assertTrue(excused.err().startsWith("winnow: warning: ") && excused.err().contains(name + ".jar"), excused.err());
        assertEquals(2, excused.err().lines().count(), excused.err());
    }

    @Test
    void aRefinerThatCannotBeCreated() throws IOException, InterruptedException {
        Path jar = refiner("stillborn", "", "broken", "SPI_VERSION", "{ if (true) { throw new IllegalStateException(\"no luck\"); } }", "");
        PackagedWinnow.Outcome failed = winnow.run(line("--plugin-path", jar.toString(), "--refiner", "broken"));
        assertEquals(6, failed.exitCode(), failed.err());
        assertTrue(failed.err().contains("stillborn.jar") && failed.err().contains("no luck"), failed.err());
    }

    @Test
    void aRefinerThatEmptiesEveryRowLeavesEachQueryItsOwnKey() throws IOException, InterruptedException {
        Path empty = refiner("empty", "", "broken", "SPI_VERSION", "",
                "for (int h = 0; h < mask.headCount(); h++) { mask.removeBlocks(h, 0, mask.blockCount()); }");
        Path own = refiner("own", "", "broken", "SPI_VERSION", "",
                "for (int h = 0; h < mask.headCount(); h++) { for (int q = 0; q < mask.queryCount(); q++) { int k = mask.firstPosition() + q; mask.retainRange(h, q, k, k + 1); } }");
        PackagedWinnow.Outcome emptied = winnow.run(line("--plugin-path", empty.toString(), "--refiner", "broken"));
        assertEquals(0, emptied.exitCode(), emptied.err());
        assertEquals(winnow.run(line("--plugin-path", own.toString(), "--refiner", "broken")).out(), emptied.out());
    }

    @Test
    void aRefinerThatHangsIsGivenUpAfterTheTimeLimit() throws IOException, InterruptedException {
        Path jar = hanging("limited");
        PackagedWinnow.Outcome outcome = winnow.run(line("--plugin-path", jar.toString(), "--refiner", "broken", "--timeout", "5"));
        assertEquals(124, outcome.exitCode(), outcome.err());
        assertTrue(outcome.err().contains("did not stop") && outcome.err().contains("'broken' from limited.jar"), outcome.err());
    }

    @Test
    void aRefinerThatHangsIsGivenUpAfterAnInterruption() throws IOException, InterruptedException {
        Path jar = hanging("interrupted");
        Path err = folder.resolve("hanging.txt");
        Process process = PackagedWinnow.begin(
                winnow.interruptible(line("--plugin-path", jar.toString(), "--refiner", "broken"))
                        .redirectError(err.toFile()));
        try (InputStream out = process.getInputStream()) {
            awaitFile(folder.resolve("interrupted.hangs"));
            PackagedWinnow.signal(process, "INT");
            out.readAllBytes();
        }
        assertTrue(process.waitFor(PackagedWinnow.PATIENCE_SECONDS, TimeUnit.SECONDS), "the process does not end");
        assertEquals(130, process.exitValue());
        String message = Files.readString(err);
        assertTrue(message.contains("did not stop") && message.contains("'broken' from interrupted.jar"), message);
        assertFalse(message.contains("Exception"), message);
    }

    /** A refiner that leaves a file in the working directory, and never returns. */
    private static Path hanging(String name) throws IOException {
        return refiner(name, "static volatile int spins;", "broken", "SPI_VERSION", "", """
                try {
                    java.nio.file.Files.write(java.nio.file.Path.of("%s.hangs"), new byte[0]);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                while (true) { spins++; }""".formatted(name));
    }

    private static void awaitFile(Path file) throws InterruptedException {
        for (long left = TimeUnit.SECONDS.toMillis(PackagedWinnow.PATIENCE_SECONDS); Files.notExists(file); left -= 50) {
            assertTrue(left > 0, () -> file + " does not appear");
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
