package dev.winnow.launcher.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Cancellation;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.Tokenizer;
import dev.winnow.spi.KvType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Checkpoints that Python's transformers saved (checkpoints.py) give its logits and its tokens. */
class ConverterTest {

    static final Path CHECKPOINTS = Path.of("src/test/resources/dev/winnow/launcher/convert");

    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    private Path convert(String name, OutputType type) {
        Path target = folder.resolve(name + "-" + type.label() + ".gguf");
        Converter.convert(CHECKPOINTS.resolve(name), target, type, null, warnings::add);
        return target;
    }

    private static JsonNode expected(String name) throws IOException {
        return new ObjectMapper().readTree(Files.readString(CHECKPOINTS.resolve(name).resolve("expected.json")));
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }

    private static final class Collector implements LogitsConsumer {
        private final float[][] rows;

        Collector(int count) {
            rows = new float[count][];
        }

        @Override
        public boolean wants(int position) {
            return true;
        }

        @Override
        public void accept(int position, float[] logits) {
            rows[position] = logits.clone();
        }
    }

    private static float[][] logits(Path model, int[] tokens) {
        Collector collector = new Collector(tokens.length);
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build();
                Model loaded = runtime.load(model, ModelOptions.defaults());
                Session session = loaded.newSession(SessionOptions.defaults().withKvType(KvType.F32).dense())) {
            session.append(tokens, collector, Cancellation.never(), ProgressListener.SILENT);
        }
        return collector.rows;
    }

    /** Largest difference from the logits of transformers. */
    private static float difference(String name, float[][] actual) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(CHECKPOINTS.resolve(name).resolve("logits.bin")))
                .order(ByteOrder.LITTLE_ENDIAN);
        float largest = 0;
        for (float[] row : actual) {
            for (float value : row) {
                float difference = Math.abs(value - bytes.getFloat());
                largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
            }
        }
        assertEquals(0, bytes.remaining(), name + " has other logits");
        return largest;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "smollm3", "gemma", "gemma2", "gemma3"})
    void logitsAndTokensEqualThoseOfTransformers(String name) throws IOException {
        Path model = convert(name, OutputType.F32);
        JsonNode expected = expected(name);
        // Logits of about 10 in float32, summed in another order.
        float difference = difference(name, logits(model, ints(expected.get("tokens"))));
        assertTrue(difference < 5e-4f, name + " differs by " + difference);
        assertEquals(List.of(), warnings);
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build();
                Model loaded = runtime.load(model, ModelOptions.defaults())) {
            Tokenizer tokenizer = loaded.tokenizer();
            for (JsonNode text : expected.get("texts")) {
                assertArrayEquals(ints(text.get("ids")), tokenizer.encode(text.get("text").asString(), true, true), name + ": " + text);
            }
        }
    }

    /** Models with parts for pictures have the language model one level deeper, and not all of them its last matrix. */
    @ParameterizedTest
    @CsvSource({"language_model.model., language_model.lm_head", "model.language_model., lm_head"})
    void aLanguageModelInsideOfALargerOneIsTheSame(String prefix, String head) throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve("qwen3"));
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json",
                "chat_template.jinja")) {
            Files.copy(CHECKPOINTS.resolve("qwen3").resolve(file), checkpoint.resolve(file));
        }
        byte[] weights = Files.readAllBytes(CHECKPOINTS.resolve("qwen3/model.safetensors"));
        int length = (int) ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header = new String(weights, 8, length, StandardCharsets.UTF_8).replace("\"model.", "\"" + prefix)
                .replace("\"lm_head", "\"" + head).getBytes(StandardCharsets.UTF_8);
        ByteBuffer moved = ByteBuffer.allocate(weights.length - length + header.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(checkpoint.resolve("model.safetensors"),
                moved.putLong(header.length).put(header).put(weights, 8 + length, weights.length - 8 - length).array());
        Path target = folder.resolve("inside.gguf");
        Converter.convert(checkpoint, target, OutputType.F32, null, warnings::add);
        assertEquals(-1, Files.mismatch(convert("qwen3", OutputType.F32), target));
    }
}
