package dev.winnow.core.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class GgufFileTest {

    private static final Path BAD = Path.of(System.getProperty("winnow.fixtures", "../shared/fixtures"), "bad");

    /** Messages of llama.cpp's file reader start with these, and of its per-tensor bounds check contain the last; every other failure is the model loader's. */
    private static final List<String> FILE_LEVEL = List.of("gguf_init_from", "read: ", "not within the file bounds");

    /** Defects that llama.cpp only meets in its loader because 64-bit arithmetic wraps in its file reader; a file-level check here. */
    private static final Set<String> STRICTER = Set.of("dim_product_overflow_last.gguf", "invalid_utf8_key.gguf");

    @TempDir
    Path folder;

    @Test
    void acceptsAndRejectsLikeTheFileReaderOfLlamaCpp() throws IOException {
        assumeTrue(Files.exists(BAD.resolve("bad.json")), "the fixtures are absent");
        int rejected = 0;
        for (JsonNode entry : new ObjectMapper().readTree(Files.readString(BAD.resolve("bad.json"))).get("files")) {
            String name = entry.get("file").asString();
            String message = entry.get("llama_cpp_message").asString();
            boolean reject = STRICTER.contains(name) || FILE_LEVEL.stream().anyMatch(message::contains);
            if (reject) {
                WinnowException failure = assertThrows(WinnowException.class, () -> GgufFile.open(BAD.resolve(name)).close(), name);
                assertSentence(failure, name);
                rejected++;
            } else {
                try (GgufFile file = GgufFile.open(BAD.resolve(name))) {
                    assertFalse(file.tensors().isEmpty(), name);
                }
            }
        }
        assertTrue(rejected > 40, "rejected " + rejected);
    }

    private static void assertSentence(WinnowException failure, String name) {
        String message = String.valueOf(failure.getMessage());
        assertEquals(WinnowException.Kind.MODEL, failure.kind(), message);
        assertTrue(message.contains(name), message);
        assertTrue(message.endsWith(".") && message.indexOf('\n') < 0, message);
    }

    @Test
    void everyTruncationOpensOrFailsCleanly() throws IOException {
        byte[] good = good();
        Path file = folder.resolve("truncated.gguf");
        int opened = 0;
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            opened += openOrFail(file) ? 1 : 0;
        }
        // Only the padding after the last tensor may be missing.
        assertTrue(opened < 32, "opened " + opened);
        Files.write(file, good);
        assertTrue(openOrFail(file));
    }

    @Test
    void everyChangeOfTheHeaderOpensOrFailsCleanly() throws IOException {
        byte[] good = good();
        Path file = folder.resolve("changed.gguf");
        Random random = new Random(20);
        for (int round = 0; round < 4000; round++) {
            byte[] changed = good.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                changed[random.nextInt(1200)] = random.nextBoolean()
                        ? (byte) random.nextInt()
                        : (byte) (random.nextBoolean() ? 0xFF : 0x7F);
            }
            Files.write(file, changed);
            openOrFail(file);
        }
    }

    private static boolean openOrFail(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            for (GgufValue value : file.metadata().values().values()) {
                assertFalse(value.typeName().isEmpty());
                value.text(10);
            }
            for (GgufTensor tensor : file.tensors()) {
                assertEquals(tensor.byteSize(), tensor.data().byteSize());
            }
            return true;
        } catch (WinnowException e) {
            assertSentence(e, String.valueOf(path.getFileName()));
            return false;
        }
    }

    private static byte[] good() throws IOException {
        assumeTrue(Files.exists(BAD.resolve("good.gguf")), "the fixtures are absent");
        return Files.readAllBytes(BAD.resolve("good.gguf"));
    }

    @Test
    void opensRealModels() throws IOException {
        Path models = Path.of(System.getProperty("winnow.models", "../models"));
        assumeTrue(Files.isDirectory(models), "the models are absent");
        try (Stream<Path> paths = Files.list(models)) {
            for (Path path : paths.filter(candidate -> candidate.toString().endsWith(".gguf")).toList()) {
                try (GgufFile file = GgufFile.open(path)) {
                    assertFalse(file.metadata().architecture().isEmpty());
                    assertTrue(file.metadata().strings("tokenizer.ggml.tokens").orElseThrow().length > 1000);
                    assertTrue(file.find("token_embd.weight").orElseThrow().type().isPresent());
                }
            }
        }
    }
}
