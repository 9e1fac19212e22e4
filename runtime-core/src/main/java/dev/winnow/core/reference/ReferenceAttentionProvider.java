package dev.winnow.core.reference;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.BackendContext;

/** Provides {@link ReferenceAttention}. */
public final class ReferenceAttentionProvider implements AttentionBackendProvider {

    @Override
    public String id() {
        return "reference";
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public AttentionBackend create(BackendContext context) {
        return new ReferenceAttention(context.workers());
    }
}
