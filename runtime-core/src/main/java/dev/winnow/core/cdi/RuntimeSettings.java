package dev.winnow.core.cdi;

import java.nio.file.Path;
import java.util.List;

/**
 * What an injected runtime is made of. An application provides one bean of this type.
 *
 * @param threads     worker threads; 0 for one per processor
 * @param pluginPaths jars and folders of jars that are searched for plug-ins besides the class path
 * @param disabled    ids of plug-ins to leave out
 */
public record RuntimeSettings(int threads, List<Path> pluginPaths, List<String> disabled) {

    /** Copies the lists. */
    public RuntimeSettings {
        pluginPaths = List.copyOf(pluginPaths);
        disabled = List.copyOf(disabled);
    }

    /** Returns the defaults: one thread per processor, plug-ins of the class path. */
    public static RuntimeSettings defaults() {
        return new RuntimeSettings(0, List.of(), List.of());
    }
}
