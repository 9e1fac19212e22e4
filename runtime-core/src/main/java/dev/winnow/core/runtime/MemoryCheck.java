package dev.winnow.core.runtime;

import com.sun.management.OperatingSystemMXBean;
import dev.winnow.api.WinnowException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;

/** Refuses models that are larger than the memory before anything is computed: every token reads all weights, so the machine would do nothing but read its disk. */
final class MemoryCheck {

    private MemoryCheck() {}

    /**
     * Checks that weights fit into the memory of the machine, or of the container.
     *
     * @throws WinnowException if not; the message has both numbers
     */
    static void require(Path file, long weightBytes) {
        // The heap is a part of the memory: what would fit into it needs no question to the operating system, which costs a part of a start.
        if (weightBytes <= Runtime.getRuntime().maxMemory()) {
            return;
        }
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        if (system != null && weightBytes > system.getTotalMemorySize()) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, file.getFileName() + " holds " + size(weightBytes)
                    + " of weights, but there are only " + size(system.getTotalMemorySize())
                    + " of memory: take a smaller quantisation of the model, or a machine with more memory.");
        }
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
}
