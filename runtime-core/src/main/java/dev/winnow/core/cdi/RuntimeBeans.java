package dev.winnow.core.cdi;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.spi.Provider;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * The runtime as a CDI bean. The application contributes the settings, as a bean of the type {@link InferenceRuntime.Builder}, and may contribute plug-ins as
 * beans of the type {@link Provider}; all others are found by the builder. Only start-up goes through CDI: beans are pseudo-scoped, so no proxy stands between
 * an application and the runtime.
 */
@Singleton
public class RuntimeBeans {

    /** Creates the bean. */
    public RuntimeBeans() {}

    @Produces
    @Singleton
    InferenceRuntime runtime(InferenceRuntime.Builder builder, @Any Instance<Provider> providers) {
        providers.forEach(builder::provider);
        return builder.build();
    }

    void close(@Disposes InferenceRuntime runtime) {
        runtime.close();
    }
}
