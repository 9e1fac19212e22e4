package dev.winnow.launcher.options;

import dev.winnow.core.cdi.RuntimeSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the runtime: threads and plug-ins. A command that has them gets its runtime from them. */
public final class RuntimeMixin {

    @Option(names = {"-t",
            "--threads"}, paramLabel = "N", description = "Worker threads, up to 512; 0 or less for one on each processor, the default.")
    private int threads;

    @Mixin
    private PluginsMixin plugins;

    /** Returns what was asked for. */
    public RuntimeSettings settings() {
        return plugins.settings(threads);
    }
}
