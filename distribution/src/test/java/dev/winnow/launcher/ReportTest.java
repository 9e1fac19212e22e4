package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.eval.ModelDigest;
import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code winnow report} with a tiny random model: what stands on the page, and what it refuses. */
class ReportTest {

    private static final String SPARSE = "sparsek:selection=static,recent=64,sinks=16,min-context=0";

    /** As a page shows it. */
    private static final String SPARSE_SORTED = "sparsek:min-context=0,recent=64,selection=static,sinks=16";

    @TempDir
    private static Path folder;

    private static Path model = Path.of("");
    private static Path text = Path.of("");

    private String err = "";

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
        StringBuilder sentences = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            sentences.append("The miller takes sack number ").append(i * 37 % 101).append(" and keeps the grain. ");
        }
        text = Files.writeString(folder.resolve("text.txt"), sentences);
    }

    private int report(Path page, String... more) {
        List<String> words = new ArrayList<>(
                List.of("report", "-m", model.toString(), "-t", "1", "-f", text.toString(), "-o", page.toString(),
                        "-d", "0,300", "-p", "32", "-n", "2", "-r", "2", "-c", "400", "--every", "8", "--decode", "4", "--lengths", "400",
                        "--depths", "0.5",
                        "--decoys", "2"));
        words.addAll(List.of(more));
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), errBytes, false, false, false);
        int exitCode = Winnow.run(console, words.toArray(String[]::new));
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    /** The page with cells as narrow as they can be. */
    private static String unpadded(Path page) throws IOException {
        return Files.readString(page).replaceAll(" +", " ");
    }

    @Test
    void thePageHasEverythingThatWasMeasured() throws IOException {
        Path page = Files.createDirectories(folder.resolve("docs")).resolve("RESULTS.md");
        assertEquals(0, report(page, "--sparse", "window=" + SPARSE), err);
        String content = unpadded(page);
        for (String part : List.of("## tiny", "### Speed", "### Accuracy", "### Needle", "### What the numbers say",
                "| computes with | vectors of ",
                "| threads | 1 |", "| `window` | `" + SPARSE_SORTED + "` | sparsek decode=static,", "| arm | pp32 | pp32 @ d300 |",
                "| arm | tg2 | tg2 @ d300 |", "In generation:", "| text.txt | `window` |", "### Gain and loss",
                "| `dense` | ● | 100.0 % | 0.0 % |",
                "* `window`: ", " In prompts perplexity ", "| pass-key | 400 | `window` | 1 |", ModelDigest.sha256(model),
                "winnow report -m tiny.gguf -t 1 -f text.txt -o RESULTS.md")) {
            assertTrue(content.contains(part), part + " is missing in " + content);
        }
        assertFalse(content.contains(folder.toString()), "the page names a folder of this machine");
        assertTrue(content.contains(" of 1 needles, dense attention "), content);
        try (Stream<Path> pictures = Files.list(page.resolveSibling("images"))) {
            List<String> names = pictures.map(file -> file.getFileName().toString()).sorted().toList();
            assertEquals(
                    List.of("results-tiny-accuracy-generation.png", "results-tiny-accuracy-prompts.png", "results-tiny-decode.png",
                            "results-tiny-needle.png", "results-tiny-prefill.png"),
                    names);
            names.forEach(name -> assertTrue(content.contains("(images/" + name + ")"), name));
        }
    }

    @Test
    void partsCanBeLeftOut() throws IOException {
        Path page = folder.resolve("accuracy.md");
        assertEquals(0, report(page, "--sparse", SPARSE, "--parts", "accuracy", "--decode", "0"), err);
        String content = unpadded(page);
        assertFalse(content.contains("### Speed") || content.contains("### Needle"), content);
        assertTrue(content.contains("In prompts:") && content.contains("| text.txt | `static` |"), content);
        assertFalse(content.contains("In generation"), content);
    }

    @Test
    void refinersMayBeInactiveInAPart() throws IOException {
        Path page = folder.resolve("inactive.md");
        String late = "late=sparsek:selection=static,recent=64,min-context=300";
        assertEquals(0, report(page, "--sparse", late, "--parts", "speed,accuracy", "-d", "0"), err);
        String content = unpadded(page);
        assertTrue(content.contains("* `late`: ") && content.contains("| tg2 |"), content);
        assertFalse(content.contains("keeps every key in all that was measured"), content);

        String never = "never=sparsek:selection=static,recent=5000,min-context=0";
        assertEquals(2, report(page, "--sparse", late, "--sparse", never, "--parts", "accuracy"));
        assertTrue(err.contains("refiner inactive: never = sparsek "), err);
        content = unpadded(page); // what was measured is not lost
        assertTrue(content.contains("* `never` keeps every key in all that was measured: its numbers are those of dense attention."),
                content);
        assertTrue(content.contains("* `late`: "), content);
    }

    @Test
    void filesOfOneNameAreRefused() throws IOException {
        Path page = folder.resolve("same.md");
        Path other = Files.createDirectories(folder.resolve("other"));
        Path again = Files.copy(text, other.resolve("text.txt"));
        assertEquals(2, report(page, "--sparse", SPARSE, "-f", again.toString()));
        assertTrue(err.contains("The texts " + text + " and " + again + " have the same name"), err);
        Path twin = Files.copy(model, other.resolve("TINY.gguf"));
        assertEquals(2, report(page, "--sparse", SPARSE, "-m", twin.toString()));
        assertTrue(err.contains("The models " + model + " and " + twin + " have the same name, or nearly so"), err);
        assertFalse(Files.exists(page));
    }

    @Test
    void thePageSaysWhatTheBackendsCompute() throws IOException {
        Path page = folder.resolve("reference.md");
        assertEquals(0, report(page, "--sparse", SPARSE, "--parts", "accuracy", "--decode", "0", "--backend", "reference"), err);
        assertTrue(unpadded(page).contains("| computes with | unknown |"), unpadded(page));
    }

    @Test
    void whatCannotBeMeasuredLeavesNoPage() {
        Path page = folder.resolve("none.md");
        assertEquals(2, report(page));
        assertTrue(err.contains("name some with --sparse"), err);
        assertEquals(2, report(page, "--sparse", SPARSE, "--parts", "accuracy", "-c", "4000"));
        assertTrue(err.contains("needs at least 8000 tokens"), err);
        assertEquals(2, report(page, "--sparse", SPARSE, "--parts", "speed,taste"));
        assertEquals(2, report(folder.resolve("missing/page.md"), "--sparse", SPARSE));
        assertTrue(err.contains("missing/page.md cannot be written: there is no such folder."), err);
        assertEquals(2, report(page, "--sparse", SPARSE, "--lengths", "400,30"));
        assertTrue(err.contains("A prompt of 30 tokens is too short"), err);
        assertEquals(2, report(page, "--sparse", SPARSE, "-r", "0"));
        assertEquals(3, report(page, "--sparse", SPARSE, "-m", folder.resolve("missing.gguf").toString()));
        assertTrue(err.contains("missing.gguf"), err);
        assertFalse(Files.exists(page));
    }
}
