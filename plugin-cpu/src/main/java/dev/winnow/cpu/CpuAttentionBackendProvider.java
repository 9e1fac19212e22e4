package dev.winnow.cpu;

import dev.winnow.cpu.kernel.VectorAvailability;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.AttentionBackend;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.Availability;
import dev.winnow.spi.BackendContext;

/**
 * Provides flash attention by vector instructions that does work only for the keys that a mask keeps.
 *
 * <p>The system property {@value #SKIPPED_WEIGHT_PROPERTY} allows it to leave out blocks of keys that together hold less than this part of a row's softmax
 * weight; 0, the default, leaves nothing out.
 */
public final class CpuAttentionBackendProvider implements AttentionBackendProvider {

    static final String SKIPPED_WEIGHT_PROPERTY = "dev.winnow.cpu.skipped-weight";

    private static final double LARGEST_SKIPPED_WEIGHT = 0.5;

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
    public String hardware() {
        return VectorSupport.hardware();
    }

    @Override
    public Availability availability() {
        if (Double.isNaN(skippedWeight())) {
            return Availability.unavailable(
                    "the property " + SKIPPED_WEIGHT_PROPERTY + " is '" + System.getProperty(SKIPPED_WEIGHT_PROPERTY) + "'",
                    "set it to a number from 0 to " + LARGEST_SKIPPED_WEIGHT + ", or leave it out");
        }
        return VectorAvailability.probe();
    }

    @Override
    public AttentionBackend create(BackendContext context) {
        return new CpuAttention(context.workers(), skippedWeight());
    }

    /** Returns the value of the property; NaN if it is not a number of the range. */
    private static double skippedWeight() {
        try {
            double weight = Double.parseDouble(System.getProperty(SKIPPED_WEIGHT_PROPERTY, "0"));
            return weight >= 0 && weight <= LARGEST_SKIPPED_WEIGHT ? weight : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
