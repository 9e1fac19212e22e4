package dev.winnow.api;

import org.jspecify.annotations.Nullable;

/**
 * Options of loading a model.
 *
 * @param attentionBackend   id of the attention backend; null for the best available one
 * @param linearBackend      id of the linear backend; null for the best available one
 * @param elementwiseBackend id of the elementwise backend; null for the best available one
 * @param checkTensors       whether all weights are searched for NaN and infinite values
 */
public record ModelOptions(@Nullable String attentionBackend, @Nullable String linearBackend, @Nullable String elementwiseBackend,
        boolean checkTensors) {

    /** Returns the defaults: the best available backends, no search for invalid values. */
    public static ModelOptions defaults() {
        return new ModelOptions(null, null, null, false);
    }

    /** Returns these options with one backend id for all kinds. */
    public ModelOptions withBackend(String id) {
        return new ModelOptions(id, id, id, checkTensors);
    }

    /** Returns these options with or without a search for invalid values. */
    public ModelOptions withCheckTensors(boolean value) {
        return new ModelOptions(attentionBackend, linearBackend, elementwiseBackend, value);
    }
}
