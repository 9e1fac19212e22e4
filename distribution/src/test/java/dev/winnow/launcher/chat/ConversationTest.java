package dev.winnow.launcher.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversations with a real model: what is kept between turns, and that keeping it changes nothing. */
class ConversationTest {

    private static InferenceRuntime runtime;
    private static Model model;

    @BeforeAll
    static void load() {
        Path file = Path.of(System.getProperty("winnow.models", "missing"), "SmolLM2-135M-Instruct.Q4_1.gguf");
        assumeTrue(Files.exists(file), "the model is not here, scripts/get-models gets it: " + file.getFileName());
        runtime = InferenceRuntime.builder().build();
        model = runtime.load(file, ModelOptions.defaults());
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
            runtime.close();
        }
    }

    private static GenerationRequest request(int[] prompt) {
        return GenerationRequest.of(prompt).withMaxTokens(12).withSampling(SamplingOptions.greedy());
    }

    @Test
    void everyTurnComputesOnlyWhatItAdds() {
        try (Session session = model.newSession(SessionOptions.defaults().withContextLength(512))) {
            Conversation conversation = new Conversation(model, session, "Be brief.");
            GenerationResult before = conversation.ask("Name a colour.", ConversationTest::request, GenerationListener.SILENT);
            for (String message : new String[]{"And another one?", "Why that?"}) {
                GenerationResult next = conversation.ask(message, ConversationTest::request, GenerationListener.SILENT);
                // The last token of an answer that was cut off by its length is chosen, but not yet computed.
                assertTrue(next.cachedTokens() >= before.promptTokens() + before.tokens().size() - 1, before + " " + next);
                before = next;
            }
            int[] prompt = Arrays.copyOf(session.tokens(), before.promptTokens());
            try (Session fresh = model.newSession(SessionOptions.defaults().withContextLength(512))) {
                assertEquals(fresh.generate(request(prompt), GenerationListener.SILENT).tokens(), before.tokens());
            }
            conversation.reset();
            GenerationResult again = conversation.ask("Name a colour.", ConversationTest::request, GenerationListener.SILENT);
            assertTrue(again.promptTokens() < before.promptTokens());
        }
    }

    @Test
    void whatDoesNotFitIsForgotten() {
        try (Session session = model.newSession(SessionOptions.defaults().withContextLength(64))) {
            Conversation conversation = new Conversation(model, session, "");
            WinnowException failure = assertThrows(WinnowException.class,
                    () -> conversation.ask("word ".repeat(100), ConversationTest::request, GenerationListener.SILENT));
            assertTrue(String.valueOf(failure.getMessage()).contains("the context has only 64"), failure.getMessage());
            assertFalse(conversation.ask("Hello!", ConversationTest::request, GenerationListener.SILENT).tokens().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            one            | one
            one\\          | one
            one\\,two      | one,two
            a\\\\,b\\      | a\\,b
            """)
    void aBackslashJoinsLines(String typed, String message) {
        assertEquals(message.replace(',', '\n'), Continuation.join(typed.strip().replace(',', '\n')));
    }
}
