package dev.winnow.launcher.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged and unknown checkpoints: one sentence each, and no file. */
class DefectsTest {

    @TempDir
    private Path folder;

    private Path checkpoint = Path.of("");

    @BeforeEach
    void copyCheckpoint() throws IOException {
        copy("qwen3");
    }

    private void copy(String name) throws IOException {
        checkpoint = Files.createDirectories(folder.resolve(name));
        try (Stream<Path> files = Files.list(ConverterTest.CHECKPOINTS.resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, checkpoint.resolve(String.valueOf(file.getFileName())));
            }
        }
    }

    private void edit(String file, String from, String to) throws IOException {
        Path path = checkpoint.resolve(file);
        String text = Files.readString(path);
        assertTrue(text.contains(from), file + " has no " + from);
        Files.writeString(path, text.replace(from, to));
    }

    /** Changes the header of the weights and keeps its length, so that offsets stay right unless they are what is changed. */
    private void editHeader(String from, String to) throws IOException {
        Path path = checkpoint.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(path);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        assertTrue(header.contains(from), header);
        byte[] changed = header.replace(from, to).strip().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + changed.length + bytes.length - 8 - length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(path, file.putLong(changed.length).put(changed).put(bytes, 8 + length, bytes.length - 8 - length).array());
    }

    private WinnowException failure() throws IOException {
        Path target = folder.resolve("out.gguf");
        WinnowException failure = assertThrows(WinnowException.class,
                () -> Converter.convert(checkpoint, target, OutputType.F16, null, warning -> {}));
        assertFalse(Files.exists(target));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.filter(file -> file.toString().endsWith(".unfinished")).toList());
        }
        String message = String.valueOf(failure.getMessage());
        assertFalse(message.contains("\n") || message.contains("Exception"), message);
        assertTrue(message.endsWith("."), message);
        return failure;
    }

    private void assertFails(WinnowException.Kind kind, String part) throws IOException {
        WinnowException failure = failure();
        assertTrue(String.valueOf(failure.getMessage()).contains(part), failure.getMessage());
        assertEquals(kind, failure.kind());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
            "config.json, Qwen3ForCausalLM, FunnyModel, UNSUPPORTED, `'FunnyModel'`",
            "config.json, Qwen3ForCausalLM, FunnyModel, UNSUPPORTED, `known are Gemma2ForCausalLM, Gemma3ForCausalLM`",
            "config.json, `\"num_hidden_layers\": 2`, `\"num_hidden_layers\": 3`, MODEL, `no tensor 'model.layers.2.input_layernorm.weight'`",
            "config.json, `\"num_hidden_layers\": 2`, `\"num_hidden_layers\": 1`, UNSUPPORTED, `'model.layers.1.`",
            "config.json, `\"num_hidden_layers\": 2`, `\"num_hidden_layers\": \"2\"`, MODEL, `'num_hidden_layers' that is not an integer`",
            "config.json, `\"num_hidden_layers\": 2`, `\"num_hidden_layers\": 0`, MODEL, `from 1 to 512`",
            "config.json, `\"hidden_size\": 32,`, ``, MODEL, `no 'hidden_size'`",
            "config.json, `\"intermediate_size\": 64`, `\"intermediate_size\": 96`, MODEL, `with the shape [64 × 32], but config.json asks for [96 × 32]`",
            "config.json, `\"num_key_value_heads\": 2`, `\"num_key_value_heads\": 3`, MODEL, `divisor`",
            "config.json, `silu`, `relu`, UNSUPPORTED, `'relu'`",
            "config.json, `\"rope_type\": \"default\"`, `\"rope_type\": \"dynamic\"`, UNSUPPORTED, `known are default, linear, llama3 and yarn`",
            "config.json, `\"rope_type\": \"default\"`, `\"rope_type\": \"linear\"`, MODEL, `no 'rope_parameters.factor'`",
            "config.json, `{`, `{{`, MODEL, `not valid JSON at line 1, column 2 (`",
            "config.json, `}`, ``, MODEL, `(Unexpected end-of-input: expected close marker for Object).`",
            "config.json, `}`, `]`, MODEL, `(Unexpected close marker ']': expected '}').`",
            "config.json, `\"architectures\"`, `\"quantization_config\": {}, \"architectures\"`, UNSUPPORTED, `quantised`",
            "tokenizer.json, `\"type\": \"BPE\"`, `\"type\": \"Unigram\"`, UNSUPPORTED, `Unigram`",
            "tokenizer.json, `N}| ?[`, `N}| [`, UNSUPPORTED, `--pre`",
            "tokenizer.json, `\"id\": 382`, `\"id\": 400`, MODEL, `401 tokens, but embeddings for only 388`"})
    void filesThatContradictOneAnother(String file, String from, String to, WinnowException.Kind kind, String message) throws IOException {
        edit(file, from, to);
        assertFails(kind, message);
    }

    @Test
    void weightsThatAreDamaged() throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, new byte[5]);
        assertFails(WinnowException.Kind.MODEL, "only 5 bytes");
        byte[] huge = whole.clone();
        ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
        Files.write(weights, huge);
        assertFails(WinnowException.Kind.MODEL, "more than 100000000");
        ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 90_000_000);
        Files.write(weights, huge);
        assertFails(WinnowException.Kind.MODEL, "incomplete");
        Files.write(weights, Arrays.copyOf(whole, whole.length - 2));
        assertFails(WinnowException.Kind.MODEL, "incomplete");
        Files.write(weights, Arrays.copyOf(whole, whole.length + 2));
        assertFails(WinnowException.Kind.MODEL, "damaged");
        byte[] notANumber = whole.clone();
        int first = 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(0); // of a matrix
        notANumber[first + 1] = (byte) 0x7f;
        notANumber[first] = (byte) 0xc0;
        Files.write(weights, notANumber);
        assertFails(WinnowException.Kind.MODEL, "NaN");
        notANumber[first] = (byte) 0x7f;
        Files.write(weights, notANumber);
        assertFails(WinnowException.Kind.UNSUPPORTED, "F16 cannot hold");
        Files.delete(weights);
        assertFails(WinnowException.Kind.MODEL, "no weights");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
            "`\"dtype\":\"BF16\"`, `\"dtype\":\"F8_E4M3\"`, UNSUPPORTED, F8_E4M3",
            "`\"shape\":[64,32]`, `\"shape\":[64,31]`, MODEL, `needs 3968 bytes, but has 4096`",
            "`\"shape\":[64,32]`, `\"shape\":[64,-32]`, MODEL, whole numbers",
            "`\"shape\":[64,32]`, `\"shape\":[9223372036854775807,32]`, MODEL, fits into a file",
            "`\"data_offsets\":[0,`, `\"data_offsets\":[2,`, MODEL, needs",
            "`\"shape\"`, `\"shop\"`, MODEL, shape"})
    void headersThatAreDamaged(String from, String to, WinnowException.Kind kind, String message) throws IOException {
        editHeader(from, to);
        assertFails(kind, message);
    }

    @Test
    void tensorsThatOverlap() throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        String header = """
                {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""";
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        Files.write(weights,
                ByteBuffer.allocate(8 + bytes.length + 12).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length).put(bytes).array());
        assertFails(WinnowException.Kind.MODEL, "'b' begins at byte 4");
    }

    @Test
    void shardsThatAreMissing() throws IOException {
        copy("llama");
        Files.delete(checkpoint.resolve("model-00003-of-00004.safetensors"));
        assertFails(WinnowException.Kind.MODEL, "model-00003-of-00004.safetensors cannot be read");
        copyAgain();
        edit("model.safetensors.index.json", "model-00003-of-00004", "model-00002-of-00004");
        assertFails(WinnowException.Kind.MODEL, "has no tensor");
        copyAgain();
        edit("model.safetensors.index.json", "model-00003-of-00004", "../model-00002-of-00004");
        assertFails(WinnowException.Kind.MODEL, "the same folder");
    }

    private void copyAgain() throws IOException {
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        copy("llama");
    }

    @Test
    void foldersThatAreNone() throws IOException {
        checkpoint = folder.resolve("nowhere");
        assertFails(WinnowException.Kind.USAGE, "not a folder");
        checkpoint = Files.createDirectories(folder.resolve("empty"));
        assertFails(WinnowException.Kind.MODEL, "config.json cannot be read");
    }

    @Test
    void vocabulariesThatAreDamaged() throws IOException {
        copy("mistral");
        Path file = checkpoint.resolve("tokenizer.model");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 97) {
            Files.write(file, Arrays.copyOf(whole, length));
            failure();
        }
        Files.delete(file);
        assertFails(WinnowException.Kind.MODEL, "no tokenizer.json and no tokenizer.model");
    }
}
