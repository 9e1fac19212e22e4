package dev.winnow.core.reference;

import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.ElementwiseBackendProvider;

/** Provides {@link ReferenceElementwise}. */
public final class ReferenceElementwiseProvider implements ElementwiseBackendProvider {

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
    public ElementwiseBackend create(BackendContext context) {
        return new ReferenceElementwise();
    }
}
