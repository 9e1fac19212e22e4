package dev.winnow.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.core.gguf.GgufFile;
import dev.winnow.launcher.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code winnow annotate} and {@code winnow convert} as commands. */
class AnnotateTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path copy = Path.of("");
    private String err = "";

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("tiny.gguf");
        copy = folder.resolve("copy.gguf");
        TinyModel.write(model);
    }

    private int winnow(Object... arguments) {
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), errBytes, false, false, false);
        int exitCode = Winnow.run(console, Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        err = errBytes.toString(StandardCharsets.UTF_8);
        return exitCode;
    }

    @Test
    void sparseAttentionIsSwitchedOnByMetadata() {
        assertEquals(0, winnow("annotate", model, copy, "--set", "llama.sparsek.enable=true", "--set", "llama.sparsek.top_k=8", "--set",
                "llama.sparsek.window=4", "--remove", "general.name"), err);
        try (GgufFile file = GgufFile.open(copy)) {
            assertEquals(8, file.metadata().integer("llama.sparsek.top_k").orElseThrow());
            assertFalse(file.metadata().keys().contains("general.name"));
        }
        assertEquals(0, winnow("run", "-m", copy, "-p", "the grain in the the grain the", "-n", "4", "--temp", "0", "-t", "1"), err);
        assertTrue(err.contains("kept"), err);
    }

    @Test
    void mistakesAreOneSentenceAndLeaveNothing() throws IOException {
        assertEquals(2, winnow("annotate", model, model, "--set", "a=1"));
        assertTrue(err.contains("never changed in place"), err);
        assertEquals(2, winnow("annotate", model, folder.resolve("missing/copy.gguf")));
        assertTrue(err.contains("there is no such folder"), err);
        assertEquals(2, winnow("annotate", model, copy, "--set", "llama.context_length=many"));
        assertTrue(err.contains("'many' of key llama.context_length is not a valid u32"), err);
        assertEquals(2, winnow("annotate", model, copy, "--remove", "llama.nothing"));
        assertEquals(3, winnow("annotate", folder.resolve("no.gguf"), copy));
        assertEquals(2, winnow("annotate", model, copy, "--set", "general.alignment=33"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aConvertedCheckpointRuns() {
        Path checkpoint = Path.of("src/test/resources/dev/winnow/launcher/convert/llama");
        assertEquals(0, winnow("convert", checkpoint, copy, "--outtype", "q8_0"), err);
        assertTrue(err.contains("wrote " + copy), err);
        assertEquals(0, winnow("run", "-m", copy, "-p", "The farmers", "-n", "4", "--temp", "0", "-t", "1"), err);
        assertEquals(2, winnow("convert", checkpoint, copy, "--outtype", "q9"));
        assertTrue(err.contains("none of f32, f16, bf16, q8_0, q6_k, q5_k_m, q4_k_m, q4_0"), err);
    }
}
