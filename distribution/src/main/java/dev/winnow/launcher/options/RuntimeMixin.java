package dev.winnow.launcher.options;

import dev.winnow.api.InferenceRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the runtime: threads and plug-ins. A command that has them gets its {@link InferenceRuntime} from them. */
public final class RuntimeMixin {

    @Option(names = {"-t", "--threads"}, paramLabel = "N", description = "Worker threads; 0 or less for one on each processor, the default.")
    private int threads;

    @Option(names = "--plugin-path", paramLabel = "PATH", description = "Jar, or folder of jars, to search for more plug-ins. Repeatable.")
    private List<Path> pluginPaths = new ArrayList<>();

    @Option(names = "--disable-plugin", paramLabel = "ID", description = "Leave out the plug-ins with this id. Repeatable.")
    private List<String> disabled = new ArrayList<>();

    /** Returns what was asked for, as a builder that can be given more. */
    public InferenceRuntime.Builder builder() {
        InferenceRuntime.Builder builder = InferenceRuntime.builder();
        if (threads > 0) {
            builder.threads(threads);
        }
        pluginPaths.forEach(builder::pluginPath);
        disabled.forEach(builder::disable);
        return builder;
    }
}
