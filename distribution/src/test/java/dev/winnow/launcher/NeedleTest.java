package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code winnow needle} with a tiny random model: what it writes, and what it refuses. */
class NeedleTest {

    private static final String SPARSE = "sparsek:selection=static,recent=64,sinks=16,min-context=0";

    @TempDir
    private static Path folder;

    private static Path model = Path.of("");
    private static Path text = Path.of("");

    private String out = "";
    private String err = "";

    @BeforeAll
    static void write() throws IOException {
        model = folder.resolve("tiny.gguf");
        TinyModel.write(model);
        StringBuilder sentences = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            sentences.append("The miller takes sack number ").append(i * 37 % 101).append(" and keeps the grain. ");
        }
        text = Files.writeString(folder.resolve("text.txt"), sentences);
    }

    private int winnow(String command, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "-m", model.toString(), "-t", "1", "-f", text.toString()));
        words.addAll(List.of(more));
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(new byte[0]), outBytes, errBytes, false, false, false);
        int exitCode = Winnow.run(console, words.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    private int needle(String... more) {
        List<String> words = new ArrayList<>(
                List.of("--lengths", "400,500", "--depths", "0,1", "--seeds", "1", "--decoys", "2", "-n", "3", "--sparse", SPARSE));
        words.addAll(List.of(more));
        return winnow("needle", words.toArray(String[]::new));
    }

    @Test
    void needleSetsDenseBesideSparse() throws IOException {
        Path picture = folder.resolve("needle.svg");
        assertEquals(0, needle("--chart", picture.toString()), err);
        assertEquals(8, out.lines().filter(line -> line.contains("| pass-key")).count(), out);
        assertEquals(4, out.lines().filter(line -> line.startsWith("| dense ")).count(), out);
        assertTrue(out.contains("SHA-256") && out.contains("static = sparsek decode=static"), out);
        assertTrue(Files.readString(picture).contains("<svg"));
    }

    @Test
    void needleTellsProgramsEveryPrompt() {
        assertEquals(0, needle("-o", "json", "--kinds", "pass-key,two-keys"), err);
        JsonNode rows = new ObjectMapper().readTree(out);
        assertEquals(16, rows.size());
        for (JsonNode row : rows) {
            assertEquals(64, row.get("model_sha256").asString().length());
            boolean dense = row.get("arm").asString().equals("dense");
            assertEquals(dense, row.get("refiner_parameters").asString().isEmpty());
            assertEquals(dense, row.get("kept_ratio").asDouble() == 1);
            assertTrue(row.get("rank").asInt() >= 1 && row.get("log_probability").asDouble() < 0, row.toString());
        }
        assertEquals(0, needle("-o", "csv", "--details"), err);
        assertEquals(9, out.lines().count(), out);
    }

    @Test
    void needleRefusesWhatMeansNothing() {
        assertEquals(2, needle("--kinds", "thimble"));
        assertTrue(err.contains("known are pass-key, sentence, two-keys"), err);
        assertEquals(2, needle("--lengths", "30"));
        assertTrue(err.contains("too short for the needle"), err);
        assertEquals(2, needle("--seeds", "0"));
        assertTrue(err.contains("The number of seeds of the needle test is 0, but takes 1 or more."), err);
        assertEquals(2, needle("--decoys", "0"));
        assertTrue(err.contains("The number of decoys of the needle test is 0, but takes 1 or more."), err);
        assertEquals(2, needle("-c", "500"));
        assertTrue(err.contains("Both -c and --lengths"), err);
        assertEquals(2, needle("--chart", folder.resolve("needle.gif").toString()));
        assertTrue(err.contains(".png or .svg"), err);
        assertEquals(2, needle("--sparse", "sparsek:selection=static,recent=900,min-context=0"));
        assertTrue(err.contains("refiner inactive"), err);
    }
}
