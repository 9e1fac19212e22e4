package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.Tokenizer;
import dev.winnow.core.gguf.GgufFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files that the tests read; a test without its files is skipped. */
final class Vocabularies {

    private static final Path FIXTURES = Path.of(System.getProperty("winnow.fixtures", "../shared/fixtures"));
    private static final Path MODELS = Path.of(System.getProperty("winnow.models", "models"));

    private Vocabularies() {}

    static Path fixture(String name) {
        return present(FIXTURES.resolve(name));
    }

    static Path model(String name) {
        return present(MODELS.resolve(name));
    }

    private static Path present(Path file) {
        assumeTrue(Files.exists(file), () -> "skipped: " + file + " is not there");
        return file;
    }

    static Tokenizer tokenizer(Path file) {
        try (GgufFile model = GgufFile.open(file)) {
            return Tokenizers.of(model.metadata());
        }
    }

    static Tokenizer vocabulary(String name) {
        return tokenizer(fixture("tokenizer/vocab/ggml-vocab-" + name + ".gguf"));
    }

    static Tokenizer smollm2() {
        return tokenizer(model("SmolLM2-135M-Instruct.Q4_1.gguf"));
    }

    static Tokenizer gemma3() {
        return tokenizer(model("gemma-3-270m-q4_k_m.gguf"));
    }
}
