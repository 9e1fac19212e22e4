package dev.winnow.core.cdi;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.spi.Provider;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Makes the runtime injectable. The application contributes a bean of the type {@link RuntimeSettings}, and may contribute plug-ins as beans of the type
 * {@link Provider}; all others are found by the builder. The runtime is a singleton and not a normal-scoped bean: calls go to the object itself, without a client
 * proxy. Everything that happens here is a call of the builder.
 */
@Singleton
public class RuntimeProducer {

    /** Builds the runtime that the settings describe. */
    @Produces
    @Singleton
    public InferenceRuntime runtime(RuntimeSettings settings, @Any Instance<Provider> providers) {
        InferenceRuntime.Builder builder = builder(settings);
        providers.forEach(builder::provider);
        return builder.build();
    }

    /** Returns the builder of a runtime without a container, for applications that need more than one. */
    public static InferenceRuntime.Builder builder(RuntimeSettings settings) {
        InferenceRuntime.Builder builder = InferenceRuntime.builder();
        if (settings.threads() != 0) {
            builder.threads(settings.threads());
        }
        settings.pluginPaths().forEach(builder::pluginPath);
        settings.disabled().forEach(builder::disable);
        return builder;
    }

    /** Stops the runtime with the container. */
    public void close(@Disposes InferenceRuntime runtime) {
        runtime.close();
    }
}
