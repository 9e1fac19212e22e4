package dev.winnow.launcher.options;

import dev.winnow.core.cdi.RuntimeSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the runtime: threads and plug-ins. A command that has them gets its runtime from them. */
public final class RuntimeMixin {

    @Option(names = {"-t",
            "--threads"}, paramLabel = "N", description = "Worker threads; 0 or less for one on each processor, the default.")
    private int threads;

    @Option(names = "--plugin-path", paramLabel = "PATH", description = "Jar, or folder of jars, to search for more plug-ins. Repeatable.")
    private List<Path> pluginPaths = new ArrayList<>();

    @Option(names = "--disable-plugin", paramLabel = "ID", description = "Leave out the plug-ins with this id. Repeatable.")
    private List<String> disabled = new ArrayList<>();

    /** Returns what was asked for. */
    public RuntimeSettings settings() {
        return new RuntimeSettings(Math.max(0, threads), pluginPaths, disabled);
    }
}
