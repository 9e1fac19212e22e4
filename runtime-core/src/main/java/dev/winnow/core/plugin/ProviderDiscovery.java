package dev.winnow.core.plugin;

import dev.winnow.spi.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds providers with ServiceLoader. A broken one becomes a rejected candidate, and the others go on. */
final class ProviderDiscovery {

    private static final int TOO_MANY_FAILURES = 100;

    private ProviderDiscovery() {}

    static List<Candidate> find(ProviderKind kind, ClassLoader loader) {
        List<Candidate> found = new ArrayList<>();
        Iterator<? extends ServiceLoader.Provider<? extends Provider>> providers = ServiceLoader.load(kind.service(), loader).stream()
                .iterator();
        int failures = 0;
        while (failures < TOO_MANY_FAILURES) {
            // A missing class surfaces already in hasNext(), a failing constructor in get().
            ServiceLoader.Provider<? extends Provider> next;
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                next = providers.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                found.add(unnamed(kind, loader, e, found));
                continue;
            }
            try {
                found.add(ask(kind, next.get(), location(next.type())));
            } catch (ServiceConfigurationError | LinkageError e) {
                found.add(rejected(kind, next.type().getName(), location(next.type()), e));
            }
        }
        return found;
    }

    /** Returns a provider as a candidate, rejected if it fails to answer. */
    static Candidate ask(ProviderKind kind, Provider provider, String location) {
        try {
            return Candidate.of(kind, provider, location);
        } catch (RuntimeException | LinkageError e) {
            return rejected(kind, provider.getClass().getName(), location, e);
        }
    }

    /** The class behind an entry could not be loaded, so the jar is the one whose list of services has the entry. */
    private static Candidate unnamed(ProviderKind kind, ClassLoader loader, Throwable failure, List<Candidate> found) {
        try {
            for (URL list : Collections.list(loader.getResources("META-INF/services/" + kind.service().getName()))) {
                if (String.valueOf(failure.getMessage()).contains(list.toString())) {
                    return rejected(kind, kind.service().getSimpleName(), location(list), failure); // the list itself is malformed
                }
                try (InputStream stream = list.openStream()) {
                    for (String line : new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                        String name = line.replaceFirst("#.*", "").strip();
                        if (!name.isEmpty() && found.stream().noneMatch(candidate -> candidate.id().equals(name)) && !loads(name, loader)) {
                            return rejected(kind, name, location(list), failure);
                        }
                    }
                }
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return rejected(kind, kind.service().getSimpleName(), "the class path", failure);
    }

    private static boolean loads(String className, ClassLoader loader) {
        try {
            Class.forName(className, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static Candidate rejected(ProviderKind kind, String id, String location, Throwable failure) {
        Throwable cause = failure instanceof LinkageError || failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof LinkageError && !(cause instanceof ExceptionInInitializerError)) {
            return Candidate.rejected(kind, id, location, "its classes do not fit together (" + shown(cause) + ")",
                    "get a release of it that was built for this Winnow, with all jars that it needs");
        }
        if (cause instanceof ServiceConfigurationError) {
            return Candidate.rejected(kind, id, location, "its list of services is wrong (" + shown(cause) + ")",
                    "remove the jar, or tell its author");
        }
        return Candidate.rejected(kind, id, location, "it failed to start (" + shown(cause) + ")", "remove the jar, or tell its author");
    }

    private static String shown(Throwable cause) {
        Throwable deepest = cause instanceof ExceptionInInitializerError && cause.getCause() != null ? cause.getCause() : cause;
        return deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
    }

    static String location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null ? "unknown" : location(source.getLocation());
    }

    /** The name of the jar that a URL is or points into, or the path of a folder. */
    private static String location(URL url) {
        String path = url.getPath();
        int inside = path.indexOf("!/");
        String jar = inside < 0 ? path : path.substring(0, inside);
        return jar.endsWith(".jar") ? jar.substring(jar.lastIndexOf('/') + 1) : path;
    }
}
