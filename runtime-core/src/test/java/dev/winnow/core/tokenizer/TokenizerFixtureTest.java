package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.TokenDecoder;
import dev.winnow.api.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The same ids and texts as llama.cpp, for texts that it has tokenized. */
final class TokenizerFixtureTest {

    @Test
    void smollm2() throws IOException {
        check(Vocabularies.smollm2(), Vocabularies.fixture("tokenizer/smollm2.json"));
    }

    @Test
    void gemma3() throws IOException {
        check(Vocabularies.gemma3(), Vocabularies.fixture("tokenizer/gemma3.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm", "phi-3", "starcoder", "deepseek-llm"})
    void vocabularies(String name) throws IOException {
        check(Vocabularies.vocabulary(name), Vocabularies.fixture("tokenizer/vocab/" + name + ".json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm", "phi-3", "starcoder", "deepseek-llm"})
    void upstreamTests(String name) throws IOException {
        Tokenizer tokenizer = Vocabularies.vocabulary(name);
        String prefix = "tokenizer/vocab/ggml-vocab-" + name + ".gguf";
        String[] texts = Files.readString(Vocabularies.fixture(prefix + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        String[] lines = Files.readString(Vocabularies.fixture(prefix + ".out")).split("\n", -1);
        assertEquals(47, texts.length);
        assertEquals(47, lines.length);
        for (int i = 0; i < lines.length; i++) {
            int[] expected = Arrays.stream(lines[i].trim().split(" +")).filter(id -> !id.isEmpty()).mapToInt(Integer::parseInt)
                    .toArray();
            assertArrayEquals(expected, tokenizer.encode(texts[i], false, false), texts[i]);
        }
    }

    private static void check(Tokenizer tokenizer, Path fixture) throws IOException {
        JsonNode cases = JsonMapper.shared().readTree(Files.readString(fixture)).get("cases");
        assertTrue(cases.size() >= 80);
        for (JsonNode example : cases) {
            String text = example.has("text")
                    ? example.get("text").asString()
                    : new String(bytes(example, "text"), StandardCharsets.UTF_8);
            for (JsonNode variant : example.get("variants")) {
                int[] expected = ids(variant.get("ids"));
                int[] actual = tokenizer.encode(text, variant.get("add_special").asBoolean(), variant.get("parse_special").asBoolean());
                String name = text + " " + variant;
                assertArrayEquals(expected, actual, name);
                assertArrayEquals(bytes(variant, "detokenized"), tokenizer.decodeBytes(expected, false), name);
                assertArrayEquals(bytes(variant, "detokenized_with_special"), tokenizer.decodeBytes(expected, true), name);
                assertEquals(new String(bytes(variant, "detokenized"), StandardCharsets.UTF_8), tokenizer.decode(expected, false), name);
                assertEquals(tokenizer.decode(expected, false), stream(tokenizer, expected), name);
            }
        }
    }

    private static String stream(Tokenizer tokenizer, int[] tokens) {
        TokenDecoder decoder = tokenizer.newDecoder(false);
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
            text.append(decoder.append(token));
        }
        return text.append(decoder.finish()).toString();
    }

    private static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).asInt();
        }
        return ids;
    }

    private static byte[] bytes(JsonNode node, String key) {
        return node.has(key)
                ? node.get(key).asString().getBytes(StandardCharsets.UTF_8)
                : HexFormat.of().parseHex(node.get(key + "_hex").asString());
    }
}
