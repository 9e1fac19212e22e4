package dev.winnow.cpu;

import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;

/** Provides the attention kernels. Touches no vector class before {@link #availability} has found the Vector API. */
public final class CpuAttentionBackendProvider implements AttentionBackendProvider {

    @Override
    public String id() {
        return "cpu";
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public Availability availability() {
        return VectorAvailability.probe();
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public AttentionBackend create(BackendContext context) {
        return new CpuAttention(context.workers());
    }
}
