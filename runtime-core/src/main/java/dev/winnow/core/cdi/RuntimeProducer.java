package dev.winnow.core.cdi;

import dev.winnow.api.InferenceRuntime;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Makes the runtime injectable. It is a singleton and not a normal-scoped bean: calls go to the object itself, without a client proxy. Everything that happens
 * here is a call of the builder, and plug-ins are found before the container hands anything out.
 */
@Singleton
public class RuntimeProducer {

    /** Builds the runtime that the settings describe. */
    @Produces
    @Singleton
    public InferenceRuntime runtime(RuntimeSettings settings) {
        InferenceRuntime.Builder builder = InferenceRuntime.builder();
        if (settings.threads() != 0) {
            builder.threads(settings.threads());
        }
        settings.pluginPaths().forEach(builder::pluginPath);
        settings.disabled().forEach(builder::disable);
        return builder.build();
    }

    /** Stops the runtime with the container. */
    public void close(@Disposes InferenceRuntime runtime) {
        runtime.close();
    }
}
