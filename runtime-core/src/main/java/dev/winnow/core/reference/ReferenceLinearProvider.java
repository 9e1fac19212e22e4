package dev.winnow.core.reference;

import dev.winnow.spi.BackendContext;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.LinearBackendProvider;

/** Provides {@link ReferenceLinear}. */
public final class ReferenceLinearProvider implements LinearBackendProvider {

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
    public LinearBackend create(BackendContext context) {
        return new ReferenceLinear(context.workers());
    }
}
