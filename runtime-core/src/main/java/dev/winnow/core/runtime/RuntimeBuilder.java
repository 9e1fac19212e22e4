package dev.winnow.core.runtime;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.WinnowException;
import dev.winnow.core.plugin.PluginRegistry;
import dev.winnow.core.reference.ReferenceAttentionProvider;
import dev.winnow.core.reference.ReferenceElementwiseProvider;
import dev.winnow.core.reference.ReferenceLinearProvider;
import dev.winnow.spi.Provider;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what a {@link CoreRuntime} is made of. */
final class RuntimeBuilder implements InferenceRuntime.Builder {

    private static final int MAX_THREADS = 512; // as in llama.cpp (GGML_MAX_N_THREADS)

    private int threads = Runtime.getRuntime().availableProcessors();
    private final List<Provider> providers = new ArrayList<>();
    private boolean discovery = true;
    private @Nullable ClassLoader loader;
    private final List<Path> paths = new ArrayList<>();
    private final Set<String> disabled = new HashSet<>();

    @Override
    public InferenceRuntime.Builder threads(int count) {
        if (count < 1 || count > MAX_THREADS) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The number of threads is " + count + ", but takes 1 to " + MAX_THREADS + ".");
        }
        threads = count;
        return this;
    }

    @Override
    public InferenceRuntime.Builder provider(Provider provider) {
        providers.add(provider);
        return this;
    }

    @Override
    public InferenceRuntime.Builder discovery(boolean enabled) {
        discovery = enabled;
        return this;
    }

    @Override
    public InferenceRuntime.Builder classLoader(ClassLoader classLoader) {
        loader = classLoader;
        return this;
    }

    @Override
    public InferenceRuntime.Builder pluginPath(Path path) {
        paths.add(path);
        return this;
    }

    @Override
    public InferenceRuntime.Builder disable(String id) {
        disabled.add(id);
        return this;
    }

    @Override
    public InferenceRuntime build() {
        List<Provider> given = new ArrayList<>(
                List.of(new ReferenceAttentionProvider(), new ReferenceLinearProvider(), new ReferenceElementwiseProvider()));
        given.addAll(providers);
        ClassLoader parent = loader == null ? Thread.currentThread().getContextClassLoader() : loader;
        if (parent == null) {
            parent = RuntimeBuilder.class.getClassLoader();
        }
        List<ClassLoader> loaders = new ArrayList<>();
        if (discovery) {
            loaders.add(parent);
        }
        if (paths.isEmpty()) {
            return new CoreRuntime(threads, PluginRegistry.collect(given, loaders, List.of(), disabled), () -> {});
        }
        List<Path> files = jars();
        URLClassLoader jars = new URLClassLoader("winnow-plugins", files.stream().map(RuntimeBuilder::url).toArray(URL[]::new), parent);
        loaders.add(jars);
        try {
            return new CoreRuntime(threads, PluginRegistry.collect(given, loaders, files, disabled), jars);
        } catch (RuntimeException | Error e) {
            try {
                jars.close();
            } catch (IOException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private List<Path> jars() {
        List<Path> jars = new ArrayList<>();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new WinnowException(WinnowException.Kind.PLUGIN, "The plug-in path " + path + " does not exist.");
            }
            if (!Files.isDirectory(path) && !isJar(path)) {
                throw new WinnowException(WinnowException.Kind.PLUGIN,
                        "The plug-in path " + path + " is neither a jar nor a folder of jars.");
            }
            try (Stream<Path> files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
                jars.addAll(files.filter(RuntimeBuilder::isJar).sorted().toList());
            } catch (IOException e) {
                throw new WinnowException(WinnowException.Kind.PLUGIN,
                        "The plug-in path " + path + " cannot be read: " + e.getMessage() + ".", e);
            }
        }
        return jars;
    }

    private static boolean isJar(Path path) {
        return path.toString().endsWith(".jar");
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }
}
