package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Malformed model files: each that a strict reader should reject is rejected with one sentence, and the sound ones run. */
class BadFilesTest {

    @Test
    void badFilesAreRejectedWithOneSentence() throws IOException {
        Path folder = Fixtures.fixture("bad/bad.json").resolveSibling(".");
        List<String> wrong = new ArrayList<>();
        int rejected = 0;
        try (InferenceRuntime runtime = InferenceRuntime.builder().threads(1).build()) {
            for (JsonNode example : Fixtures.json(Fixtures.fixture("bad/bad.json")).get("files")) {
                String name = example.get("file").asString();
                String expected = example.get("expected").asString();
                String outcome = load(runtime, folder.resolve(name));
                if (expected.equals("reject") && outcome.isEmpty()) {
                    wrong.add(name + " was accepted: " + example.get("wrong").asString());
                }
                if (expected.equals("accept") && !outcome.isEmpty()) {
                    wrong.add(name + " was rejected: " + outcome);
                }
                rejected += outcome.isEmpty() ? 0 : 1;
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(rejected > 50, "only " + rejected + " files were rejected");
    }

    /** Loads a file and computes three tokens; returns the sentence of the rejection, empty for none. */
    private static String load(InferenceRuntime runtime, Path file) {
        try (Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(SessionOptions.defaults().withContextLength(256))) {
            session.append(1, 2, 3);
            assertEquals(model.info().vocabularySize(), session.logits().length);
            return "";
        } catch (WinnowException e) {
            String message = String.valueOf(e.getMessage());
            assertFalse(message.contains("\n") || message.contains("Exception"), message);
            assertTrue(message.contains(String.valueOf(file.getFileName())), message);
            assertTrue(message.endsWith("."), message);
            return message;
        }
    }
}
