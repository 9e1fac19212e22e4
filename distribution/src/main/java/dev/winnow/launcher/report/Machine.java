package dev.winnow.launcher.report;

import com.sun.management.OperatingSystemMXBean;
import dev.winnow.api.ProviderReport;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The machine as far as it decides about speed; nothing that identifies it. */
final class Machine {

    private static final double GIBI = 1L << 30;

    private Machine() {}

    /**
     * Returns names and values.
     *
     * @param backends ids of those in use
     */
    static Map<String, String> describe(List<ProviderReport> providers, Set<String> backends) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        values.put("computes with", hardware(providers, backends));
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        if (system != null) {
            values.put("memory", String.format(Locale.ROOT, "%.1f GiB", system.getTotalMemorySize() / GIBI));
        }
        values.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        values.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        return values;
    }

    /** Only the backends know: JVM and properties may keep them from using all that the processor has. */
    private static String hardware(List<ProviderReport> providers, Set<String> backends) {
        String used = providers.stream().filter(provider -> backends.contains(provider.id())).map(ProviderReport::hardware)
                .filter(hardware -> !hardware.isEmpty()).distinct().collect(Collectors.joining(", "));
        return used.isEmpty() ? "unknown" : used;
    }
}
