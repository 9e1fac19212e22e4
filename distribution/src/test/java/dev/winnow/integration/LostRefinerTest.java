package dev.winnow.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.winnow.api.Cancellation;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.TinyModel;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refiner that does not take notice of a cut knows keys that are gone, and must never choose again. */
class LostRefinerTest {

    private static final String SENTENCE = "The mask refiner 'stubborn' from given failed: java.lang.UnsupportedOperationException: no scissors; "
            + "generation stops, because leaving it out would change the result unnoticed (--on-refiner-error dense allows that).";

    private final Path file;

    LostRefinerTest(@TempDir Path folder) throws IOException {
        file = TinyModel.in(folder);
    }

    /** Cannot be cut, and would leave each query its own key. */
    private static final class Stubborn implements MaskRefiner {
        @Override
        public void truncated(int length) {
            throw new UnsupportedOperationException("no scissors");
        }

        @Override
        public void refine(AttentionTile tile, AttentionMask mask) {
            for (int head = 0; head < mask.headCount(); head++) {
                mask.removeBlocks(head, 0, mask.blockCount());
            }
        }
    }

    private static InferenceRuntime runtime() {
        return InferenceRuntime.builder().threads(2)
                .provider(new TestRefiner("stubborn", RefinerPhase.POSITIONAL, context -> new Stubborn()))
                .build();
    }

    @Test
    void everyLaterAppendIsTheSameError() {
        SessionOptions options = SessionOptions.defaults().withRefiner("stubborn", Settings.none());
        try (InferenceRuntime runtime = runtime();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(options)) {
            session.append(1, 2, 3);
            assertEquals(SENTENCE, assertThrows(WinnowException.class, () -> session.truncate(2)).getMessage());
            assertEquals(2, session.length());
            assertThrows(IllegalStateException.class, session::logits);
            for (int i = 0; i < 2; i++) {
                assertEquals(SENTENCE, assertThrows(WinnowException.class, () -> session.append(4)).getMessage());
                assertEquals(2, session.length());
            }
        }
    }

    @Test
    void anErrorIsNotReplacedByThatOfTheCutAfterIt() {
        SessionOptions options = SessionOptions.defaults().withRefiner("stubborn", Settings.none());
        try (InferenceRuntime runtime = runtime();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session session = model.newSession(options)) {
            IllegalStateException failure = assertThrows(IllegalStateException.class,
                    () -> session.append(new int[]{1, 2, 3}, LogitsConsumer.NONE, Cancellation.never(), (done, total) -> {
                        throw new IllegalStateException("the first error");
                    }));
            assertEquals("the first error", failure.getMessage());
            assertEquals(SENTENCE, failure.getSuppressed()[0].getMessage());
            assertEquals(0, session.length());
        }
    }

    @Test
    void isLeftOutIfTheUserWantsThat() {
        SessionOptions dense = SessionOptions.defaults().dense().withRefinerErrors(RefinerErrors.DENSE);
        try (InferenceRuntime runtime = runtime();
                Model model = runtime.load(file, ModelOptions.defaults());
                Session without = model.newSession(dense);
                Session session = model.newSession(dense.withRefiner("stubborn", Settings.none()))) {
            session.append(1, 2, 3);
            session.truncate(0);
            session.append(1, 2, 3);
            without.append(1, 2, 3);
            assertArrayEquals(without.logits(), session.logits());
        }
    }
}
