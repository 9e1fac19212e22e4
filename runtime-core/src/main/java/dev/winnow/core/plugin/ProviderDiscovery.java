package dev.winnow.core.plugin;

import dev.winnow.spi.Provider;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds providers with ServiceLoader. A broken one becomes a rejected candidate, and the others go on. */
final class ProviderDiscovery {

    private ProviderDiscovery() {}

    static List<Candidate> find(ProviderKind kind, ClassLoader loader) {
        List<Candidate> found = new ArrayList<>();
        Iterator<? extends ServiceLoader.Provider<? extends Provider>> providers = ServiceLoader.load(kind.service(), loader).stream()
                .iterator();
        int failures = 0;
        while (failures < 100) {
            // A missing class surfaces already in hasNext(), a failing constructor in get().
            ServiceLoader.Provider<? extends Provider> next;
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                next = providers.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                found.add(Candidate.rejected(kind, kind.service().getSimpleName(), "the class path", sentence(e)));
                continue;
            }
            try {
                found.add(Candidate.of(kind, next.get(), location(next.type())));
            } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
                found.add(Candidate.rejected(kind, next.type().getName(), location(next.type()), sentence(e)));
            }
        }
        return found;
    }

    static String location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return "unknown";
        }
        String path = source.getLocation().getPath();
        return path.endsWith(".jar") ? path.substring(path.lastIndexOf('/') + 1) : path;
    }

    private static String sentence(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String kind = cause instanceof LinkageError ? "its classes do not fit together (" : "it failed to start (";
        return kind + cause.getClass().getSimpleName() + ": " + cause.getMessage() + ")";
    }
}
