package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.eval.ModelDigest;
import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The measuring commands on a tiny model: what they report, and what they refuse to report. */
class MeasuringTest {

    private static final String SPARSE = "sparsek:top-k=4,window=8";

    @TempDir
    private Path folder;

    private String model = "";
    private String text = "";
    private String out = "";
    private String err = "";

    @BeforeEach
    void write() throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        model = file.toString();
        Random random = new Random(7);
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            words.append(i % 10 == 0 ? "The" : "in the chaff".substring(0, 2 + random.nextInt(10)).strip())
                    .append(i % 10 == 9 ? ". " : " ");
        }
        text = folder.resolve("text.txt").toString();
        Files.writeString(Path.of(text), words);
    }

    private int winnow(String line) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        arguments.addAll(1, List.of("-m", model, "-t", "1"));
        int exitCode = Winnow.run(new Console(new ByteArrayInputStream(new byte[0]), outBytes, errBytes, false, false, false),
                arguments.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    private JsonNode rows(String line) {
        assertEquals(0, winnow(line + " -o json"), err);
        JsonNode rows = new ObjectMapper().readTree(out);
        for (JsonNode row : rows) {
            assertEquals(ModelDigest.sha256(Path.of(model)), row.get("model_sha256").asString());
            assertTrue(row.has("n_ctx") || row.has("n_prompt"), "the context is missing");
            assertTrue(row.has("refiner_parameters"), "the parameters are missing");
        }
        assertEquals("dense", rows.get(0).get("arm").asString());
        assertEquals("", rows.get(0).get("refiner_parameters").asString());
        return rows;
    }

    @Test
    void nothingIsMeasuredBeforeEveryModelIsThere() {
        assertEquals(3, winnow("bench -m missing.gguf -p 8 -n 0 -r 1 --no-warmup"));
        assertEquals("", out);
        assertTrue(err.contains("missing.gguf does not exist"), err);
    }

    @Test
    void benchTimesEveryTestWithEveryArm() {
        JsonNode rows = rows("bench --no-warmup -p 16,32 -n 4 -d 0,64 -pg 16,4 -r 2 --sparse off," + SPARSE);
        assertEquals(16, rows.size());
        JsonNode last = rows.get(15);
        assertEquals("exact", last.get("arm").asString());
        assertEquals("sparsek", last.get("refiner").asString());
        assertTrue(last.get("refiner_parameters").asString().contains("top-k=4"), out);
        assertEquals(List.of(16, 4, 64, 84),
                List.of(last.get("n_prompt").asInt(), last.get("n_gen").asInt(), last.get("n_depth").asInt(), last.get("n_ctx").asInt()));
        assertEquals(2, last.get("samples_ns").size());
        double ratio = 0;
        for (int i = 0; i < 2; i++) {
            ratio += rows.get(14).get("samples_ns").get(i).asDouble() / last.get("samples_ns").get(i).asDouble() / 2;
        }
        assertEquals(ratio, last.get("speed_up").asDouble(), 1e-9);
        assertEquals(1, rows.get(14).get("kept_ratio_decode").asDouble());
        assertTrue(last.get("kept_ratio_decode").asDouble() < 0.3, out);
        for (JsonNode row : rows) {
            for (String phase : row.get("n_prompt").asInt() > 0 ? List.of("prefill") : List.of("decode")) {
                double parts = row.get("share_attention_" + phase).asDouble() + row.get("share_selection_" + phase).asDouble()
                        + row.get("share_linear_" + phase).asDouble();
                assertTrue(parts > 0 && parts <= 1, "parts of the time are " + parts + " of the whole: " + row);
            }
        }
    }

    @Test
    void benchWritesTheTableOfLlamaBench() {
        assertEquals(0, winnow("bench --no-warmup -p 16 -n 4 -d 32 -r 1"), err);
        assertTrue(out.startsWith("| model  "), out);
        assertTrue(out.contains("|      pp16 @ d32 |") && out.contains("|       tg4 @ d32 |") && out.contains(" ± 0.00 |"), out);
        assertTrue(out.contains("SHA-256 " + ModelDigest.sha256(Path.of(model))), out);
    }

    @Test
    void perplexityIsReportedForEveryArm() {
        JsonNode rows = rows("perplexity -c 128 --chunks 2 -f " + text + " --sparse " + SPARSE);
        assertEquals(2, rows.size());
        assertEquals(2 * 63, rows.get(1).get("n_tokens").asInt());
        assertEquals(rows.get(1).get("ppl").asDouble() / rows.get(0).get("ppl").asDouble(), rows.get(1).get("ppl_to_dense").asDouble());
        assertTrue(rows.get(1).get("kept_ratio_prefill").asDouble() < 0.5, out);
        JsonNode decoded = rows("perplexity -c 128 --chunks 2 --decode 10 -f " + text + " --sparse " + SPARSE);
        assertEquals(20, decoded.get(0).get("n_tokens").asInt());
        assertTrue(decoded.get(1).get("kept_ratio_decode").asDouble() < 0.2, out);
        assertEquals(2, winnow("perplexity -o json -c 128 --chunks 1 -f " + text + " --sparse sparsek:window=128"));
        assertEquals(1, new ObjectMapper().readTree(out).size(), "the arm before the failing one is lost");
        assertEquals(0, winnow("perplexity -c 128 -f " + text));
        assertTrue(out.matches("(?s)\\[1][0-9.]+,\\[2].*\\nFinal estimate: PPL = [0-9.]+ \\+/- [0-9.]+\\n.*context: 128\\n"), out);
    }

    @Test
    void aBaseIsWrittenAndReadAsLlamaCppDoes() throws IOException {
        Path base = folder.resolve("base.kld");
        JsonNode written = rows("perplexity -c 64 --chunks 3 -f " + text + " --kl-divergence-base " + base + " --sparse " + SPARSE);
        byte[] bytes = Files.readAllBytes(base);
        int vocabulary = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
        assertEquals(20 + 3 * (4 * 64 + 31 * (8 + 4 * ((vocabulary + 1) / 2))), bytes.length);
        JsonNode read = rows("perplexity --kl-divergence --kl-divergence-base " + base + " --sparse " + SPARSE);
        assertEquals(written.get(1).get("kld_mean"), read.get(1).get("kld_mean"));
        assertTrue(read.get(1).get("kld_mean").asDouble() > 1e-3, out);
        assertTrue(read.get(0).get("kld_mean").asDouble() < 1e-6, out);
        assertEquals(1, read.get(0).get("same_top_p").asDouble());
        assertEquals(0, winnow("perplexity --kl-divergence --kl-divergence-base " + base));
        assertTrue(out.contains("Mean    KLD:") && out.contains("Same top p: 100.000"), out);
        try (var files = Files.list(folder)) {
            assertEquals(3, files.count(), "an unfinished file was left");
        }
        assertEquals(2, winnow("perplexity -c 4096 -f " + text + " --kl-divergence-base " + base));
        assertArrayEquals(bytes, Files.readAllBytes(base), "a failed run has replaced the file");
    }

    @Test
    void compareTellsHowFarContinuationsAreApart() throws IOException {
        JsonNode rows = rows("compare --text " + text + " --words 40,60 --prompts 2 -n 12 --ignore-eos --sparse " + SPARSE);
        assertEquals(4, rows.size());
        assertEquals(1, rows.get(0).get("text_ratio").asDouble());
        assertEquals(-1, rows.get(0).get("first_difference").asInt());
        assertEquals(12, rows.get(3).get("n_gen").asInt());
        assertTrue(rows.get(3).get("token_agreement").asDouble() <= 1, out);
        Path prompt = folder.resolve("prompt.txt");
        Files.writeString(prompt, "the grain in the chaff in the grain");
        assertEquals(0, winnow("compare -f " + prompt + " -n 8 --sparse " + SPARSE), err);
        assertTrue(out.contains("| all prompts") && out.contains("SHA-256"), out);
        assertFalse(err.contains("warning"), err);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bench --no-warmup -p 16 -n 0 -r 1 --sparse sparsek:top-k=64,window=64 | 2 | refiner inactive: exact = sparsek
            perplexity -c 64 --chunks 1 -f TEXT --sparse sparsek:top-k=64         | 2 | refiner inactive: sparsek
            compare -f TEXT -n 4 --sparse sparsek:window=1000                     | 2 | refiner inactive: exact = sparsek
            bench -p 16 --sparse auto                                             | 2 | refiner inactive: --sparse auto has no mask refiner
            perplexity -c 4096 -f TEXT                                            | 2 | needs at least 8192 tokens
            compare --text TEXT --sparse sparsek:window=8                         | 2 | from which no prompt of 3000 to 4000 words
            compare -f TEXT -n 1000 --sparse sparsek:window=8                     | 5 | the context has only 1024
            compare -f TEXT                                                       | 2 | nothing to compare
            compare --sparse sparsek:window=8                                     | 2 | There is no prompt
            bench -p 0 -n 0                                                       | 2 | nothing to time
            bench -pg 5                                                           | 2 | '5' is not two numbers
            bench -d 5,x                                                          | 2 | 'x' is not a whole number
            bench -r 0                                                            | 2 | repetitions is 0
            perplexity --kl-divergence -f TEXT                                    | 2 | name it with --kl-divergence-base
            perplexity --kl-divergence-base x --decode 3 -f TEXT                  | 2 | --decode cannot be used
            perplexity --kl-divergence --kl-divergence-base missing.kld           | 2 | is not a file
            perplexity --kl-divergence --kl-divergence-base SHORT                 | 2 | ends within its header
            perplexity --kl-divergence --kl-divergence-base TEXT                  | 2 | does not begin with _logits_
            perplexity -c 64 -f TEXT --sparse off,nobody                          | 2 | There is no refiner plug-in 'nobody'
            bench --sparse x=sparsek:window=8,x=swa:window=8                      | 2 | uses the name 'x' twice
            """)
    void whatCannotBeMeasuredIsSaid(String line, int exitCode, String expected) throws IOException {
        String damaged = folder.resolve("short.kld").toString();
        Files.writeString(Path.of(damaged), "hello");
        assertEquals(exitCode, winnow(line.replace("TEXT", text).replace("SHORT", damaged)), err + out);
        assertTrue(!out.contains("KL Divergence"), "the head of a table without rows: " + out);
        assertTrue(err.contains(expected), err);
        assertEquals(1, err.lines().count(), err);
    }
}
