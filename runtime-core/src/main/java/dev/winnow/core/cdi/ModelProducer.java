package dev.winnow.core.cdi;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes a model injectable. The application contributes a bean of the type {@link ModelSettings}, or takes {@link ConfigProducer}. */
@Singleton
public class ModelProducer {

    /** Loads the model when it is first injected. */
    @Produces
    @Singleton
    public Model model(InferenceRuntime runtime, ModelSettings settings) {
        return runtime.load(settings.file(), settings.options());
    }

    /** Unmaps the model with the container. */
    public void close(@Disposes Model model) {
        model.close();
    }
}
