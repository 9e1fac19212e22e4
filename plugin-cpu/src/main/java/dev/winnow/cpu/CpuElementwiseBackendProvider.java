package dev.winnow.cpu;

import dev.winnow.cpu.kernel.VectorAvailability;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.ElementwiseBackendProvider;

/** Provides the elementwise kernels. Touches no vector class before {@link #availability} has found the Vector API. */
public final class CpuElementwiseBackendProvider implements ElementwiseBackendProvider {

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
    public ElementwiseBackend create(BackendContext context) {
        return new CpuElementwise();
    }
}
