package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The words of pre-tokenizers against those that Python's regular expressions find; pretokenizers.py has made them. */
final class PreTokenizersTest {

    @Test
    void wordsAreThoseOfTheReference() throws IOException {
        JsonNode reference;
        try (InputStream stream = PreTokenizersTest.class.getResourceAsStream("pretokenizers.json")) {
            reference = JsonMapper.shared().readTree(stream);
        }
        JsonNode texts = reference.get("texts");
        assertEquals(100, texts.size());
        for (Map.Entry<String, JsonNode> family : reference.get("ends").properties()) {
            PreTokenizer preTokenizer = PreTokenizers.of(family.getKey());
            for (int i = 0; i < texts.size(); i++) {
                assertEquals(family.getValue().get(i).asString(), ends(preTokenizer, texts.get(i).asString()),
                        family.getKey() + ": " + texts.get(i));
            }
        }
    }

    private static String ends(PreTokenizer preTokenizer, String text) {
        StringJoiner joined = new StringJoiner(" ");
        WordSplitter.Ends ends = preTokenizer.split(new CodePoints(text));
        for (int i = 0; i < ends.count(); i++) {
            joined.add(Integer.toString(ends.get(i)));
        }
        return joined.toString();
    }

    /** Without contractions; expected by hand from llama.cpp's pattern. */
    @Test
    void turkishSuffixesStayBehindTheirApostrophe() {
        assertEquals("3 7", ends(PreTokenizers.of("ufakzeka"), "Ali'nin"));
        assertEquals("3 5", ends(PreTokenizers.of("ufakzeka"), "Ali's"));
        assertEquals("3 5", ends(PreTokenizers.of("qwen2"), "Ali's"));
        assertEquals("3 6", ends(PreTokenizers.of("ufakzeka"), "Ali'sa"));
        assertEquals("3 5 6", ends(PreTokenizers.of("qwen2"), "Ali'sa"));
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        WinnowException e = assertThrows(WinnowException.class, () -> PreTokenizers.of("llama-7"));
        assertEquals(WinnowException.Kind.UNSUPPORTED, e.kind());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("'llama-7'") && message.contains("llama-bpe") && message.contains("qwen2"), message);
    }
}
