package dev.winnow.core.plugin;

import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.ElementwiseBackendProvider;
import dev.winnow.spi.LinearBackendProvider;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.Provider;
import java.util.Locale;

/** The kinds of providers. */
public enum ProviderKind {
    /** {@link AttentionBackendProvider}. */
    ATTENTION(AttentionBackendProvider.class),
    /** {@link LinearBackendProvider}. */
    LINEAR(LinearBackendProvider.class),
    /** {@link ElementwiseBackendProvider}. */
    ELEMENTWISE(ElementwiseBackendProvider.class),
    /** {@link MaskRefinerProvider}. */
    REFINER(MaskRefinerProvider.class);

    private final Class<? extends Provider> service;

    ProviderKind(Class<? extends Provider> service) {
        this.service = service;
    }

    Class<? extends Provider> service() {
        return service;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
