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

/** {@code winnow sparsity} with a tiny random model: kept keys against those of a rule that is known, and what it refuses. */
class SparsityTest {

    private static final int LENGTH = 400;
    private static final int RECENT = 64;
    private static final int SINKS = 16;
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

    private int sparsity(String... more) {
        List<String> words = new ArrayList<>(
                List.of("sparsity", "-m", model.toString(), "-t", "2", "-f", text.toString(), "-c", String.valueOf(LENGTH)));
        words.addAll(List.of(more));
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(new byte[0]), outBytes, errBytes, false, false, false);
        int exitCode = Winnow.run(console, words.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    @Test
    void countsWhatAKnownRuleKeeps() {
        assertEquals(0, sparsity("-o", "json", "--every", "4", "--sparse", SPARSE), err);
        JsonNode rows = new ObjectMapper().readTree(out);
        assertEquals(2 * 4 * 7, rows.size(), "layers, heads, ranges of 64 positions");
        for (JsonNode row : rows) {
            long base = 0;
            long kept = 0;
            int samples = 0;
            for (int position = row.get("from_position").asInt(); position < row.get("to_position").asInt(); position++) {
                base += position + 1;
                kept += Math.min(position + 1, RECENT + SINKS);
                samples += (position + 1) % 4 == 0 ? 1 : 0;
            }
            assertEquals(base, row.get("base_keys").asLong(), row.toString());
            assertEquals(kept, row.get("kept_keys").asLong(), row.toString());
            assertEquals(samples, row.get("n_sampled").asInt());
            double mass = row.get("dropped_mass").asDouble();
            double largest = row.get("dropped_mass_largest").asDouble();
            assertTrue(kept == base ? mass == 0 : mass > 0 && mass <= largest && largest < 1, row.toString());
            assertEquals(64, row.get("model_sha256").asString().length());
        }
    }

    @Test
    void decodingIsCountedToo() {
        String decodeOnly = "sparsek:selection=static,prefill=dense,recent=64,sinks=16,min-context=0";
        assertEquals(0, sparsity("-o", "json", "--decode", "10", "--sparse", decodeOnly), err);
        long removed = 0;
        for (JsonNode row : new ObjectMapper().readTree(out)) {
            removed += row.get("base_keys").asLong() - row.get("kept_keys").asLong();
        }
        long expected = 0;
        for (int position = LENGTH - 10; position < LENGTH; position++) {
            expected += 2 * 4 * (position + 1 - RECENT - SINKS);
        }
        assertEquals(expected, removed);
    }

    @Test
    void drawsThreePicturesAndSumsForPeople() throws IOException {
        assertEquals(0, sparsity("--sparse", SPARSE, "--chart", folder.resolve("s.svg").toString()), err);
        assertTrue(out.contains("SHA-256"), out);
        assertEquals(2 + 7 + 1, out.lines().filter(line -> line.startsWith("| static")).count(), out);
        for (String part : List.of("kept", "mass", "blocks")) {
            assertTrue(Files.readString(folder.resolve("s-" + part + ".svg")).contains("<svg"), part);
        }
    }

    @Test
    void refusesWhatMeansNothing() {
        assertEquals(2, sparsity());
        assertTrue(err.contains("Dense attention keeps every key"), err);
        assertEquals(2, sparsity("--sparse", "sparsek:selection=static,recent=900,min-context=0"));
        assertTrue(err.contains("refiner inactive"), err);
        assertEquals(2, sparsity("--sparse", SPARSE, "--layer", "2"));
        assertTrue(err.contains("layers 0 to 1"), err);
        assertEquals(2, sparsity("--sparse", SPARSE, "--head", "4"));
        assertEquals(2, sparsity("--sparse", SPARSE, "--every", "0"));
        assertEquals(2, sparsity("--sparse", SPARSE, "-c", "900000"));
        assertTrue(err.contains("The text has"), err);
    }
}
