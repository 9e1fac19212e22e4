package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The launcher in this process: what command lines mean, and what is said when they mean nothing. */
class WinnowTest {

    @TempDir
    private Path folder;

    private String model = "";
    private String input = "";
    private boolean typed;
    private String out = "";
    private String err = "";

    @BeforeEach
    void writeModel() throws IOException {
        Path file = folder.resolve("tiny.gguf");
        TinyModel.write(file);
        model = file.toString();
    }

    private int winnow(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int exitCode = Winnow
                .run(new Console(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), outBytes, errBytes, typed, false,
                        false), arguments);
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    private int run(String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", "-m", model, "-n", "8", "-t", "1", "--temp", "0", "--ignore-eos"));
        arguments.addAll(List.of(more));
        return winnow(arguments.toArray(String[]::new));
    }

    @Test
    void withoutACommandTheCommandsAreListed() {
        assertEquals(2, winnow());
        assertTrue(err.contains("give one of run, "), err);
        assertEquals(2, winnow("walk"));
        assertTrue(err.startsWith("winnow: error: There is no command 'walk': give one of run, "), err);
    }

    @Test
    void helpDocumentsTheExitCodes() {
        assertEquals(0, winnow("--help"));
        assertTrue(out.contains("130") && out.contains("interrupted"), out);
        assertEquals(0, winnow("run", "--help"));
        assertTrue(out.contains("--sampling-seq") && out.contains("Examples:"), out);
    }

    @Test
    void completionNamesTheCommands() {
        assertEquals(0, winnow("generate-completion"));
        assertTrue(out.contains("tokenize"), out);
    }

    @Test
    void valuesAreCompletedInLowerCaseAndReadInEither() {
        assertEquals(0, winnow("generate-completion"));
        for (String values : List.of("\"f32\" \"f16\" \"q8_0\"", "\"fail\" \"dense\"", "\"found\" \"chosen\"", "\"quick\" \"full\"",
                "\"speed\" \"accuracy\" \"needle\"", "\"md\" \"json\" \"jsonl\" \"csv\"", "\"q6_k\" \"q5_k_m\"")) {
            assertTrue(out.contains(values), values);
        }
        assertEquals(0, run("-p", "x", "--kv-type", "Q8_0", "--on-refiner-error", "DENSE"), err);
        assertEquals(2, winnow("needle", "-m", model, "--score", "lost"));
        assertTrue(err.contains("'lost' is none of found, chosen"), err);
    }

    /** An output that fails for a reason. */
    private static int onto(String failure, ByteArrayOutputStream messages, String... arguments) {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(failure);
            }
        };
        return Winnow.run(new Console(InputStream.nullInputStream(), full, messages, false, false, false), arguments);
    }

    @Test
    void anOutputThatCannotBeWrittenIsAnErrorAndAClosedOneIsNone() {
        for (String[] line : List.of(new String[]{"--version"}, new String[]{"run", "--help"}, new String[]{"plugins"},
                new String[]{"run", "-m", model, "-p", "x", "-n", "4", "-t", "1", "--ignore-eos"})) {
            ByteArrayOutputStream messages = new ByteArrayOutputStream();
            assertEquals(5, onto("No space left on device", messages, line));
            assertEquals("winnow: error: The standard output cannot be written: No space left on device.\n",
                    messages.toString(StandardCharsets.UTF_8));
            messages.reset();
            assertEquals(141, onto("Broken pipe", messages, line));
            assertEquals("", messages.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void theAnswerIsAllThatGoesToTheOutput() {
        assertEquals(0, run("-p", "the grain"));
        assertTrue(out.endsWith("\n"), out);
        assertFalse(out.startsWith("the grain"), out);
        assertTrue(err.matches("(?s)prompt: 6 tokens, [0-9.]+ t/s; generated: 8 tokens, [0-9.]+ t/s\n"), err);
    }

    @Test
    void argumentFileAndInputAreTheSamePrompt() throws IOException {
        run("-p", "the grain\\nthe");
        String expected = out;
        Files.writeString(folder.resolve("prompt.txt"), "the grain\nthe\n");
        run("-f", folder.resolve("prompt.txt").toString());
        assertEquals(expected, out);
        input = "the grain\nthe\n";
        run();
        assertEquals(expected, out);
        run("-f", "-");
        assertEquals(expected, out);
    }

    @Test
    void escapesCanBeSwitchedOff() {
        assertEquals(0, run("-p", "a\\nb", "--display-prompt"));
        assertTrue(out.startsWith("a\nb"), out);
        assertEquals(0, run("-p", "a\\nb", "--display-prompt", "--no-escape"));
        assertTrue(out.startsWith("a\\nb"), out);
    }

    @Test
    void aPromptMayLookLikeAnOption() {
        assertEquals(0, run("-p", "-n", "--display-prompt"));
        assertTrue(out.startsWith("-n"), out);
        assertEquals(0, run("-p", "@file", "--display-prompt"));
        assertTrue(out.startsWith("@file"), out);
    }

    @Test
    void theLastOfRepeatedOptionsCounts() {
        assertEquals(0, run("-p", "x", "-n", "4", "-n", "3"));
        assertTrue(err.contains("generated: 3 tokens"), err);
    }

    @Test
    void aStopTextEndsTheAnswerBeforeIt() {
        run("-p", "the grain", "--special", "-n", "40");
        String whole = out.strip();
        String stop = whole.substring(whole.length() / 2).codePoints().filter(c -> c > ' ' && c < 127).limit(1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        assertFalse(stop.isEmpty(), "the model's answer has no printable letter in its second half: " + whole);
        assertEquals(0, run("-p", "the grain", "-n", "40", "--stop", stop));
        assertEquals(whole.substring(0, whole.indexOf(stop)).strip(), out.strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ngl 0", "--n-gpu-layers 0", "-no-cnv", "--no-cnv", "--simple-io", "-b 512 -ub 64", "-fa on", "-tb 2",
            "--no-mmap",
            "-ctk f32 -ctv f32", "--kv-type q8_0"})
    void acceptsLlamaCppsOptionsSilently(String options) {
        assertEquals(0, run(("-p the " + options).split(" ", -1)));
        assertEquals(1, err.lines().count(), err);
    }

    @Test
    void whatCannotBeDoneIsSaidOnce() {
        assertEquals(0, run("-p", "the", "-ngl", "99"));
        assertEquals("winnow: warning: -ngl 99 has no effect: Winnow computes on the CPU.", err.lines().findFirst().orElseThrow());
        assertEquals(0, run("-p", "the", "-c", "2000"));
        assertEquals("winnow: warning: -c 2000 is more than the 1024 tokens that the model was trained for.",
                err.lines().findFirst().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -p x --top-p 3                        | top-p is 3.0, but takes 0 to 1
            -p x --temp hot                       | 'hot' is not a float
            -p x --topk 3                         | Unknown option '--topk'
            -p x extra                            | 'extra' is not expected here
            -p x -f y                             | Both -p and -f are given
            -f missing.txt                        | missing.txt does not exist
            -p x --sparse off --sparsek top-k=1   | contradicts
            -p x --sparse sparsek:top-k=1,swa     | only one can run
            -p x --sparse a=sparsek:top-k=1 --sparsek top-k=2 | asked for twice
            -p x --refiner a:b                    | 'b' is not of the form name=value
            -p x --refiner :b=1                   | has no refiner id
            -p x --refiner nobody                 | There is no refiner plug-in 'nobody'
            -p x --backend nobody                 | plug-in 'nobody'
            -p x --kv-type q4_0                   | 'q4_0' is none of f32, f16, q8_0
            -p x -ctk q8_0                        | Winnow stores both alike
            -p x --sampling-seq z                 | unknown letter 'z'
            -p x --on-refiner-error never         | 'never' is none of fail, dense
            -p x -n -3                            | '-3' is less than -1
            -p x -t 513                           | The number of threads is 513, but takes 1 to 512
            -p x --timeout 1e300                  | takes more than 0 and up to 1000000000
            -p x --disable-plugin swa,nobody      | There is no plug-in 'nobody' to leave out; known are cpu, reference, sparsek, swa
            -p x -c -5                            | The context length is -5
            """)
    void wrongOptionsAreUsageErrorsOfOneLine(String options, String expected) {
        assertEquals(2, run(options.split(" ", -1)), err);
        assertTrue(err.contains(expected), err);
        assertTrue(err.startsWith("winnow: error: ") && err.lines().count() == 1, err);
        assertEquals("", out);
    }

    @Test
    void aMisspeltOptionIsNamedRatherThanTheOneThatIsMissing() {
        assertEquals(2, winnow("run", "--modle", model, "-p", "x"));
        assertTrue(err.startsWith("winnow: error: Unknown option '--modle'") && err.lines().count() == 1, err);
        assertEquals(2, winnow("run", "-p", "x"));
        assertTrue(err.startsWith("winnow: error: Missing required option: '--model=FILE'"), err);
    }

    @Test
    void aTerminalIsNotReadAsAPrompt() {
        typed = true;
        assertEquals(2, run());
        assertTrue(err.contains("There is no text: give it with -p TEXT"), err);
    }

    @Test
    void failuresHaveTheirOwnExitCodes() throws IOException {
        assertEquals(3, winnow("run", "-m", folder.resolve("missing.gguf").toString(), "-p", "x"));
        assertTrue(err.contains("does not exist"), err);
        assertEquals(5, run("-c", "4", "-p", "the grain in the chaff"));
        assertTrue(err.contains("has 15 tokens, but the context has only 4"), err);
        assertEquals(6, run("-p", "x", "--plugin-path", "missing"));
        Path other = folder.resolve("other.gguf");
        byte[] bytes = Files.readAllBytes(Path.of(model));
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("llama", 32);
        System.arraycopy("mamba".getBytes(StandardCharsets.US_ASCII), 0, bytes, at, 5);
        Files.write(other, bytes);
        assertEquals(4, winnow("run", "-m", other.toString(), "-p", "x"));
        assertTrue(err.contains("'mamba' is not known"), err);
    }

    @Test
    void traceOnlyOnRequest() {
        assertEquals(6, run("-p", "x", "--plugin-path", "missing"));
        assertFalse(err.contains("\tat "), err);
        assertEquals(6, run("-p", "x", "--plugin-path", "missing", "--debug"));
        assertTrue(err.contains("\tat "), err);
    }

    @Test
    void aConversationThroughAPipeComputesOnlyWhatIsNew() {
        input = "the grain\nin \\\nthe chaff\n\n/nothing\n/reset\nthe grain\n/exit\nnever said\n";
        assertEquals(0, winnow("chat", "-m", model, "-n", "8", "-t", "1", "--temp", "0"), err);
        List<String> lines = err.lines().toList();
        assertTrue(lines.get(0).matches("prompt: \\d+ tokens, .*"), err);
        assertTrue(lines.get(1).matches("prompt: \\d+ tokens \\(\\d+ kept from before\\), .*"), err);
        assertTrue(lines.get(2).startsWith("There is no command '/nothing'"), err);
        assertEquals("The conversation is forgotten.", lines.get(3));
        assertTrue(lines.get(4).contains(lines.get(0).substring(0, lines.get(0).indexOf(','))), err);
        assertEquals(5, lines.size(), err);
    }

    @Test
    void timeIsLimitedOnRequest() {
        assertEquals(124, winnow("run", "-m", model, "-p", "x", "-c", "1000000", "--ignore-eos", "--timeout", "0.3"), err);
        assertTrue(err.endsWith("stopped: the time is over (--timeout)\n"), err);
        assertEquals(2, run("-p", "x", "--timeout", "0"));
    }

    @Test
    void tokenizeShowsTokensAndTheirCount() {
        assertEquals(0, winnow("tokenize", "-m", model, "-p", "in the", "--ids"));
        assertEquals("[259, 258]\n", out);
        assertEquals(0, winnow("tokenize", "-m", model, "-p", "in the", "--count"));
        assertEquals("2\n", out);
        assertEquals(0, winnow("tokenize", "-m", model, "-p", "in the", "-o", "csv"));
        assertEquals("id,text\n\"259\",\"in\"\n\"258\",\"\u0120the\"\n", out);
    }

    @Test
    void inspectShowsWhatIsInAFile() {
        assertEquals(0, winnow("inspect", model));
        assertTrue(out.contains("| blk.1.ffn_down.weight") && out.contains("128 × 64"), out);
        assertTrue(out.contains("runs here:       yes") && out.contains("hindered by:     nothing"), out);
        assertEquals(0, winnow("inspect", model, "-o", "json", "--disable-plugin", "cpu"));
        JsonNode report = new ObjectMapper().readTree(out);
        assertEquals("", report.get("reason").asString());
        assertEquals("[\"reference\",\"reference\",\"reference\"]", report.get("backends").toString());
        assertEquals(2, winnow("inspect", model, "-o", "csv"));
        assertEquals(3, winnow("inspect", folder.toString()));
    }

    @Test
    void pluginsListsTheReferenceBackends() {
        assertEquals(0, winnow("plugins", "-o", "csv"));
        assertTrue(out.contains("\"attention\",\"reference\","), out);
        assertEquals(0, winnow("plugins", "--disable-plugin", "cpu", "-o", "csv"));
        assertTrue(out.lines().anyMatch(line -> line.startsWith("\"attention\",\"reference\",") && line.contains(",\"true\",\"true\",")),
                out);
    }

    @Test
    void doctorFindsAModelThatDoesNotRun() {
        assertEquals(0, winnow("doctor", "-m", model, "-o", "csv"));
        assertEquals(1, winnow("doctor", "-m", "missing.gguf", "-o", "csv"));
        assertTrue(out.contains("\"model\",\"problem\","), out);
    }
}
