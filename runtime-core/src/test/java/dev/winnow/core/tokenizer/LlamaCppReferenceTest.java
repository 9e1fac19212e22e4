package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.api.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Random texts and random tokens against llama.cpp; llama_cpp_reference.py has made the expected results. */
final class LlamaCppReferenceTest {

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm", "phi-3", "starcoder", "deepseek-llm"})
    void sameResults(String name) throws IOException {
        Tokenizer tokenizer = Vocabularies.vocabulary(name);
        JsonNode reference;
        try (InputStream stream = LlamaCppReferenceTest.class.getResourceAsStream("llama-cpp-reference.json")) {
            reference = JsonMapper.shared().readTree(stream).get(name);
        }
        assertEquals(40, reference.get("texts").size());
        for (JsonNode example : reference.get("texts")) {
            String text = example.get(0).asString();
            assertArrayEquals(ids(example.get(1)), tokenizer.encode(text, false, false), text);
            assertArrayEquals(ids(example.get(2)), tokenizer.encode(text, true, true), text);
        }
        for (JsonNode example : reference.get("decodings")) {
            int[] tokens = ids(example.get(0));
            assertArrayEquals(HexFormat.of().parseHex(example.get(1).asString()), tokenizer.decodeBytes(tokens, false), example.toString());
            assertArrayEquals(HexFormat.of().parseHex(example.get(2).asString()), tokenizer.decodeBytes(tokens, true), example.toString());
        }
        assertArrayEquals(ids(reference.get("ends")),
                IntStream.range(0, tokenizer.vocabularySize()).filter(tokenizer::isEndOfGeneration).toArray());
        assertEquals(reference.get("bos").asInt(), tokenizer.bosToken().orElse(-1));
        assertEquals(reference.get("eos").asInt(), tokenizer.eosToken().orElse(-1));
        assertEquals(reference.get("adds_bos").asBoolean(), tokenizer.addsBos());
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }
}
