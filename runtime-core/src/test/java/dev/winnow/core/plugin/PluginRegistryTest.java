package dev.winnow.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.ProviderReport;
import dev.winnow.api.WinnowException;
import dev.winnow.core.reference.ReferenceAttentionProvider;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider that fails to answer is reported, and the others go on. */
class PluginRegistryTest {

    private record Backend(int rank) implements AttentionBackendProvider {
        @Override
        public String id() {
            return "backend";
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        public int priority() {
            if (rank < 0) {
                throw new IllegalStateException("no rank");
            }
            return rank;
        }

        @Override
        public AttentionBackend create(BackendContext context) {
            throw new UnsupportedOperationException();
        }
    }

    private record Refiner(@Nullable String id, Supplier<@Nullable String> text) implements MaskRefinerProvider {
        @Override
        public int spiVersion() {
            return SPI_VERSION;
        }

        @Override
        @SuppressWarnings("NullAway") // as authors without such a check do
        public String description() {
            return text.get();
        }

        @Override
        public RefinerDecision decide(RefinerRequest request) {
            return new RefinerDecision.DoesNotApply(List.of("never"));
        }
    }

    private static PluginRegistry registry(Provider... providers) {
        return PluginRegistry.collect(List.of(providers), List.of(), List.of(), Set.of());
    }

    private static ProviderReport last(PluginRegistry registry) {
        return registry.reports().getLast();
    }

    @Test
    void rankAndDescriptionAreShown() {
        PluginRegistry registry = registry(new ReferenceAttentionProvider(), new Backend(7), new Refiner("refiner", () -> "does nothing"));
        assertEquals("backend", registry.backend(ProviderKind.ATTENTION, null).id());
        assertEquals(7, registry.reports().get(1).priority());
        assertEquals("highest priority", registry.reports().get(1).note());
        assertEquals("does nothing", last(registry).note());
        assertNull(last(registry).priority());
    }

    @Test
    void aBackendWithoutARankIsRejected() {
        PluginRegistry registry = registry(new ReferenceAttentionProvider(), new Backend(-1));
        assertEquals("reference", registry.backend(ProviderKind.ATTENTION, null).id());
        assertFalse(last(registry).available());
        assertEquals(Backend.class.getName(), last(registry).id());
        assertEquals("it failed to start (IllegalStateException: no rank)", last(registry).reason());
    }

    @Test
    void aRefinerWithoutADescriptionIsRejected() {
        assertEquals("it failed to start (NullPointerException: description() returns null)",
                last(registry(new Refiner("refiner", () -> null))).reason());
        assertEquals("it failed to start (IllegalStateException: speechless)", last(registry(new Refiner("refiner", () -> {
            throw new IllegalStateException("speechless");
        }))).reason());
    }

    @Test
    void aProviderWithoutAnIdIsRejected() {
        PluginRegistry registry = registry(new Refiner(null, () -> "nameless"));
        assertEquals("it failed to start (NullPointerException: id() returns null)", last(registry).reason());
        assertTrue(registry.refiners().isEmpty());
    }

    private static String failureOf(Refiner refiner) {
        Candidate candidate = registry(refiner).refiner("refiner");
        WinnowException failure = assertThrows(WinnowException.class,
                () -> candidate.call(provider -> ((Refiner) provider).text().get()));
        assertEquals(WinnowException.Kind.PLUGIN, failure.kind());
        return String.valueOf(failure.getMessage());
    }

    /** What is thrown by a refiner that could still describe itself. */
    private static Refiner throwing(RuntimeException exception, Error error) {
        AtomicInteger calls = new AtomicInteger();
        return new Refiner("refiner", () -> {
            if (calls.getAndIncrement() == 0) {
                return "fails later";
            }
            if (exception.getMessage() == null) {
                throw error;
            }
            throw exception;
        });
    }

    @Test
    void whateverAPluginThrowsNamesIt() {
        RuntimeException none = new IllegalStateException();
        Error unused = new AssertionError();
        String end = "; remove it, or leave it out with --disable-plugin refiner.";
        assertEquals("The refiner plug-in 'refiner' from given failed: java.lang.IllegalArgumentException: one two" + end,
                failureOf(throwing(new IllegalArgumentException("one\n  two"), unused)));
        assertEquals("The refiner plug-in 'refiner' from given failed: java.lang.StackOverflowError" + end,
                failureOf(throwing(none, new StackOverflowError())));
        assertEquals("The refiner plug-in 'refiner' from given failed: java.lang.AssertionError: broken" + end,
                failureOf(throwing(none, new AssertionError("broken"))));
        Candidate candidate = registry(throwing(none, new OutOfMemoryError())).refiner("refiner");
        assertThrows(OutOfMemoryError.class, () -> candidate.call(provider -> ((Refiner) provider).text().get()));
    }

    @Test
    void noAnswerIsAFailure() {
        AtomicInteger calls = new AtomicInteger();
        String message = failureOf(new Refiner("refiner", () -> calls.getAndIncrement() == 0 ? "silent later" : null));
        assertTrue(message.contains("NullPointerException: what it was asked returns null"), message);
    }

    @Test
    void aJarThatCannotBeReadIsListed(@TempDir Path folder) throws IOException {
        Path jar = Files.writeString(folder.resolve("half.jar"), "PK");
        PluginRegistry registry = PluginRegistry.collect(List.of(), List.of(), List.of(jar), Set.of());
        ProviderReport report = registry.reports().getFirst();
        assertEquals("jar half.jar", report.kind() + " " + report.location());
        assertFalse(report.available());
        assertTrue(report.reason().startsWith("it cannot be read ("), report.reason());
        WinnowException failure = assertThrows(WinnowException.class, () -> registry.refiner("half"));
        assertTrue(String.valueOf(failure.getMessage()).contains("Not loaded was half.jar: it cannot be read"), failure.getMessage());
    }
}
