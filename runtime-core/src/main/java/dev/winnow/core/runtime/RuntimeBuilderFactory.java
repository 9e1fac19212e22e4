package dev.winnow.core.runtime;

import dev.winnow.api.InferenceRuntime;

/** Finds the implementation for {@link InferenceRuntime#builder()}. */
public final class RuntimeBuilderFactory implements InferenceRuntime.BuilderFactory {

    @Override
    public InferenceRuntime.Builder newBuilder() {
        return new RuntimeBuilder();
    }
}
