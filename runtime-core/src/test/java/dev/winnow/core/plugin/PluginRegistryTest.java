package dev.winnow.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.ProviderReport;
import dev.winnow.core.reference.ReferenceAttentionProvider;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

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
        return PluginRegistry.collect(List.of(providers), List.of(), Set.of());
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
}
