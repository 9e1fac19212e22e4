package dev.winnow.cpu;

import dev.winnow.cpu.kernel.VectorAvailability;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.LinearBackendProvider;

/** Provides the linear kernels. Touches no vector class before {@link #availability} has found the Vector API. */
public final class CpuLinearBackendProvider implements LinearBackendProvider {

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
    public String hardware() {
        return VectorSupport.hardware();
    }

    @Override
    public LinearBackend create(BackendContext context) {
        return new CpuLinear(context.workers());
    }
}
