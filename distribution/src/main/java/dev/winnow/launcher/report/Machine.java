package dev.winnow.launcher.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The machine as far as it decides about speed; nothing that identifies it. */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final double GIBI = 1L << 30;

    private Machine() {}

    /** Returns names and values. */
    static Map<String, String> describe() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        values.put("vector width", vectorWidth());
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        if (system != null) {
            values.put("memory", String.format(Locale.ROOT, "%.1f GiB", system.getTotalMemorySize() / GIBI));
        }
        values.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        values.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        return values;
    }

    /** Linux lists what the processor can do; elsewhere the architecture has to tell. */
    private static String vectorWidth() {
        try {
            for (String line : Files.readAllLines(CPU_INFO)) {
                if (line.startsWith("flags") || line.startsWith("Features")) {
                    Set<String> flags = Set.copyOf(List.of(line.substring(line.indexOf(':') + 1).strip().split(" +")));
                    return flags.contains("avx512f") ? "512 bits" : flags.contains("avx2") ? "256 bits" : "128 bits";
                }
            }
        } catch (IOException e) {
            return "unknown";
        }
        return "unknown";
    }
}
