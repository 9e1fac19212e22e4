package dev.winnow.launcher.options;

import dev.winnow.core.cdi.RuntimeSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where plug-ins are searched for and which are left out. */
public final class PluginsMixin {

    @Option(names = "--plugin-path", paramLabel = "PATH", description = "Jar, or folder of jars, to search for more plug-ins. Repeatable.")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--disable-plugin", paramLabel = "ID,...", split = ",", description = "Leave out the plug-ins with these ids. Repeatable.")
    private List<String> disabled = new ArrayList<>();

    /**
     * Returns the settings of a runtime.
     *
     * @param threads worker threads; 0 or less for one on each processor
     */
    public RuntimeSettings settings(int threads) {
        return new RuntimeSettings(Math.max(0, threads), paths, disabled);
    }
}
