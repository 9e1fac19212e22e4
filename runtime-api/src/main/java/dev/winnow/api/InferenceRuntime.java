package dev.winnow.api;

import dev.winnow.spi.Provider;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Loads and runs models with a set of plug-ins and a pool of worker threads. Thread-safe. Close models first.
 *
 * <pre>{@code
 * try (InferenceRuntime runtime = InferenceRuntime.builder().build();
 *         Model model = runtime.load(Path.of("model.gguf"), ModelOptions.defaults());
 *         Session session = model.newSession(SessionOptions.defaults())) {
 *     int[] prompt = model.tokenizer().encode("Once upon a time", true, false);
 *     System.out.println(session.generate(GenerationRequest.of(prompt).withMaxTokens(50), GenerationListener.SILENT).text());
 * }
 * }</pre>
 */
public interface InferenceRuntime extends AutoCloseable {

    /**
     * Returns a builder.
     *
     * @throws WinnowException if the implementation (runtime-core) is not on the class path
     */
    static Builder builder() {
        return ServiceLoader.load(BuilderFactory.class, InferenceRuntime.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new WinnowException(WinnowException.Kind.PLUGIN,
                        "No implementation of the Winnow runtime is on the class path: add the dependency dev.winnow:runtime-core."))
                .newBuilder();
    }

    /** Service by which the implementation is found. */
    interface BuilderFactory {
        /** Returns a new builder. */
        Builder newBuilder();
    }

    /** Collects what a runtime is made of. */
    interface Builder {

        /** Sets the number of worker threads, 1 to 512; the default is the number of processors. */
        Builder threads(int threads);

        /** Adds a plug-in provider. */
        Builder provider(Provider provider);

        /** Sets whether providers are also searched with ServiceLoader; the default is true. */
        Builder discovery(boolean enabled);

        /** Sets the class loader whose providers are searched; the default is the thread's context class loader. */
        Builder classLoader(ClassLoader loader);

        /** Adds a jar, or a folder of jars, whose providers are searched too. */
        Builder pluginPath(Path path);

        /** Leaves out the providers with an id, of every kind; {@link #build} fails if there is none. */
        Builder disable(String id);

        /**
         * Creates the runtime.
         *
         * @throws WinnowException for conflicts between plug-ins
         */
        InferenceRuntime build();
    }

    /** Returns the number of worker threads. */
    int threads();

    /** Returns every provider that was found, also the rejected ones. */
    List<ProviderReport> providers();

    /**
     * Loads a model.
     *
     * @throws WinnowException if the file cannot be read, is malformed or cannot be run
     */
    Model load(Path file, ModelOptions options);

    /**
     * Returns what plug-ins are doing at this moment, one clause for each worker that is inside one: which plug-in, from which jar, for how long. Cancellations
     * cannot interrupt a plug-in, so this is where to look when work does not end. Can be called from any thread.
     */
    List<String> activity();

    /** Stops the worker threads, and closes the jars of plug-in paths. Loading a model is an {@link IllegalStateException} afterwards. */
    @Override
    void close();
}
