package dev.winnow.cpu;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;

/** Provides flash attention by vector instructions that does work only for the keys that a mask keeps. */
public final class CpuAttentionBackendProvider implements AttentionBackendProvider {

    /** Creates the provider. */
    public CpuAttentionBackendProvider() {}

    @Override
    public String id() {
        return "cpu";
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Availability availability() {
        return VectorAvailability.probe();
    }

    @Override
    public AttentionBackend create(BackendContext context) {
        return new CpuAttention(context.workers());
    }
}
