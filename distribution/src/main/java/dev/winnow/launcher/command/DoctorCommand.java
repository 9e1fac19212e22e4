package dev.winnow.launcher.command;

import com.sun.management.OperatingSystemMXBean;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.ProviderReport;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.RuntimeMixin;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.Table;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at everything that decides whether and how fast models run here, and says what to change. */
@Command(name = "doctor", mixinStandardHelpOptions = true, description = {
        "Checks the machine, the JVM, the plug-ins and a model file, and says what to change.", ""})
public final class DoctorCommand implements Callable<Integer> {

    private static final String OK = "ok";
    private static final String WARNING = "warning";
    private static final String PROBLEM = "problem";
    private static final int EXIT_PROBLEM = 1;
    private static final long SMALL_HEAP_BYTES = 512L << 20;

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin settings;

    @Mixin
    private OutputMixin output;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", description = "Model file to check.")
    private @Nullable Path file;

    private final Table table = new Table(Column.text("check", "check"), Column.text("status", "status"), Column.text("found", "found"),
            Column.text("advice", "advice"));
    private boolean problem;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public DoctorCommand() {}

    @Override
    public Integer call() {
        cores();
        memory();
        jvm();
        plugins();
        if (file != null) {
            model(file);
        }
        table.write(console, output.format());
        return problem ? EXIT_PROBLEM : 0;
    }

    private void add(String check, String status, String found, String advice) {
        problem |= status.equals(PROBLEM);
        table.row(check, status, found, advice);
    }

    private void cores() {
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = runtime.threads();
        boolean tooMany = threads > processors;
        add("processors", tooMany ? WARNING : OK, processors + " available, " + threads + " worker threads",
                tooMany ? "use -t " + processors + ": more threads than processors wait for each other" : "");
    }

    private void memory() {
        long heap = Runtime.getRuntime().maxMemory();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        String total = system == null
                ? ""
                : ", " + Sizes.bytes(system.getTotalMemorySize()) + " of memory, "
                        + Sizes.bytes(system.getFreeMemorySize()) + " free";
        boolean small = heap < SMALL_HEAP_BYTES;
        add("memory", small ? WARNING : OK, Sizes.bytes(heap) + " heap" + total,
                small ? "give the JVM more heap: WINNOW_JAVA_OPTS=-Xmx2g" : "");
    }

    private void jvm() {
        String name = System.getProperty("java.vm.name") + " " + Runtime.version();
        String mode = System.getProperty("java.vm.info", "");
        boolean slow = mode.contains("interpreted");
        add("JVM", slow ? WARNING : OK, name + " (" + mode + ")",
                slow ? "remove -Xint: without the compiler everything is a hundred times slower" : "");
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("-X") || flag.startsWith("--"))
                .toList();
        add("JVM flags", OK, flags.isEmpty() ? "none" : String.join(" ", flags), "");
    }

    private void plugins() {
        for (ProviderReport report : runtime.providers()) {
            String name = report.kind() + " " + report.id();
            if (report.available()) {
                String found = report.version() + (report.chosen() ? ", in use" : "")
                        + (report.kind().equals("refiner") ? "" : ": " + report.note())
                        + (report.hardware().isEmpty() ? "" : ", " + report.hardware());
                add(name, OK, found, "");
            } else {
                add(name, WARNING, report.reason(), report.remedy());
            }
        }
        String chosen = runtime.providers().stream().filter(ProviderReport::chosen).filter(report -> report.id().equals("reference"))
                .map(ProviderReport::kind).collect(Collectors.joining(", "));
        if (!chosen.isEmpty()) {
            add("speed", WARNING, "the slow reference backend is in use: " + chosen,
                    "put a faster backend (plugin-cpu) into plugins/ and see above why it is not used");
        }
    }

    private void model(Path path) {
        if (!Files.isReadable(path)) {
            add("model", PROBLEM, path + " does not exist or cannot be read", "check the path");
            return;
        }
        ModelSuitability suitability = ModelSuitability.of(runtime, path);
        add("model", suitability.runs() ? OK : PROBLEM,
                suitability.runs()
                        ? path + " runs with " + suitability.backends().stream().distinct().collect(Collectors.joining(", "))
                        : suitability.reason(),
                suitability.runs() ? "" : "see 'winnow inspect " + path + "'");
    }
}
