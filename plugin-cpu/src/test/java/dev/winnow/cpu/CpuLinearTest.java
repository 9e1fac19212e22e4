package dev.winnow.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.winnow.cpu.kernel.VectorAvailability;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.contract.LinearBackendContract;
import org.junit.jupiter.api.BeforeAll;

/** Runs once for each vector width, by {@value VectorAvailability#BITS_PROPERTY}. */
class CpuLinearTest extends LinearBackendContract {

    @BeforeAll
    static void skipWidthsThatTheMachineLacks() {
        Availability availability = new CpuLinearBackendProvider().availability();
        assumeTrue(availability instanceof Availability.Available, () -> availability.toString());
    }

    @Override
    protected LinearBackend backend(int workers) {
        return new CpuLinearBackendProvider().create(new BackendContext(workers));
    }
}
