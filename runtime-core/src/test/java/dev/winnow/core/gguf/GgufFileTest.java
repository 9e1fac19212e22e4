package dev.winnow.core.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    /** Slightly more than the header of good.gguf, so that also the first data changes. */
    private static final int HEADER_BYTES = 1200;

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
    void everyTruncationParsesOrFailsCleanly() throws IOException {
        byte[] good = good();
        int parsed = 0;
        for (int length = 0; length < good.length; length++) {
            parsed += parsesOrFails(Arrays.copyOf(good, length)) ? 1 : 0;
        }
        // Only the padding after the last tensor may be missing.
        assertTrue(parsed < 32, "parsed " + parsed);
        assertTrue(parsesOrFails(good));
    }

    @Test
    void everyChangeOfTheHeaderParsesOrFailsCleanly() throws IOException {
        byte[] good = good();
        Random random = new Random(20);
        for (int round = 0; round < 100_000; round++) {
            byte[] changed = good.clone();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                byte extreme = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
                changed[random.nextInt(HEADER_BYTES)] = random.nextBoolean() ? (byte) random.nextInt() : extreme;
            }
            parsesOrFails(changed);
        }
    }

    /** Parses bytes as the content of a file and decodes all that was found; nothing but a clean failure may happen. */
    private static boolean parsesOrFails(byte[] content) {
        Path path = Path.of("fuzzed.gguf");
        try {
            GgufParser.Part part = GgufParser.parse(path, MemorySegment.ofArray(content));
            for (GgufValue value : part.metadata().values().values()) {
                value.text(10);
            }
            for (GgufTensor tensor : part.tensors()) {
                assertTrue(tensor.byteSize() <= content.length);
            }
            return true;
        } catch (WinnowException e) {
            assertSentence(e, "fuzzed.gguf");
            return false;
        }
    }

    @Test
    void rejectsWhatIsNotAFile() throws IOException {
        Path missing = folder.resolve("missing.gguf");
        assertSentence(assertThrows(WinnowException.class, () -> GgufFile.open(missing).close()), "missing.gguf");
        Path directory = Files.createDirectory(folder.resolve("directory.gguf"));
        assertSentence(assertThrows(WinnowException.class, () -> GgufFile.open(directory).close()), "directory.gguf");
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertSentence(assertThrows(WinnowException.class, () -> GgufFile.open(empty).close()), "empty.gguf");
    }

    /** Positions beyond 2 GiB: the second tensor starts after a sparse first one. */
    @Test
    void opensFilesLargerThanTwoGigabytes() throws IOException {
        Path path = folder.resolve("large.gguf");
        long rows = 5L << 20;
        GgufOutput header = new GgufOutput();
        header.writeInt(GgufParser.MAGIC);
        header.writeInt(3);
        header.writeLong(2);
        header.writeLong(0);
        header.writeTensor("first", TensorFormat.F32, List.of(128L, rows), 0);
        header.writeTensor("second", TensorFormat.I8, List.of(1L), rows * 512);
        byte[] bytes = header.toSegment().toArray(ValueLayout.JAVA_BYTE);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(bytes);
            file.seek(TensorShapes.align(bytes.length, 32) + rows * 512);
            file.write(77);
        }
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(rows * 512, file.find("first").orElseThrow().byteSize());
            GgufTensor second = file.find("second").orElseThrow();
            assertEquals(77, second.data().get(ValueLayout.JAVA_BYTE, 0));
            assertEquals("I8", second.typeName());
            assertTrue(second.type().isEmpty());
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
