package dev.winnow.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.Availability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets a system property that other tests read")
class CpuAttentionBackendProviderTest {

    @Test
    void skippedWeightPropertyIsChecked() {
        CpuAttentionTest.assumeAvailable();
        String before = System.getProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY);
        try {
            for (String value : new String[]{"-0.1", "0.6", "NaN", "much"}) {
                System.setProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY, value);
                assertTrue(new CpuAttentionBackendProvider().availability() instanceof Availability.Unavailable, value);
            }
            for (String value : new String[]{"0", "1e-3", "0.5"}) {
                System.setProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY, value);
                assertTrue(new CpuAttentionBackendProvider().availability() instanceof Availability.Available, value);
            }
        } finally {
            if (before == null) {
                System.clearProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY);
            } else {
                System.setProperty(CpuAttentionBackendProvider.SKIPPED_WEIGHT_PROPERTY, before);
            }
        }
    }
}
