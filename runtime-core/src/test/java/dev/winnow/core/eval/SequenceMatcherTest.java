package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against Python's difflib; the cases were written by {@code difflib_cases.py}. */
class SequenceMatcherTest {

    private static JsonNode cases() throws IOException {
        try (InputStream stream = SequenceMatcherTest.class.getResourceAsStream("difflib_cases.json")) {
            return new JsonMapper().readTree(Objects.requireNonNull(stream));
        }
    }

    @Test
    void findsTheBlocksOfDifflib() throws IOException {
        JsonNode texts = cases().get("texts");
        assertTrue(texts.size() > 400);
        for (JsonNode text : texts) {
            SequenceMatcher matcher = SequenceMatcher.of(text.get("a").asString(), text.get("b").asString());
            List<SequenceMatcher.Block> expected = new ArrayList<>();
            for (JsonNode block : text.get("blocks")) {
                if (block.get(2).asInt() > 0) { // difflib ends with an empty block
                    expected.add(new SequenceMatcher.Block(block.get(0).asInt(), block.get(1).asInt(), block.get(2).asInt()));
                }
            }
            assertEquals(expected, matcher.blocks(), text.toString());
            assertEquals(text.get("ratio").asDouble(), matcher.ratio(), text.toString());
        }
    }

    @Test
    void comparesSequencesOfTokens() throws IOException {
        for (JsonNode sequence : cases().get("sequences")) {
            double ratio = SequenceMatcher.of(integers(sequence.get("a")), integers(sequence.get("b"))).ratio();
            assertEquals(sequence.get("ratio").asDouble(), ratio, sequence.toString());
        }
    }

    private static int[] integers(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
