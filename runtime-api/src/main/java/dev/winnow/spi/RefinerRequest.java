package dev.winnow.spi;

import java.util.List;

/**
 * The question that a {@link MaskRefinerProvider} answers.
 *
 * @param metadata the model's metadata
 * @param layers   the model's layers
 * @param settings the user's settings for this refiner, empty if none were given
 * @param asked    whether the user named the refiner
 */
public record RefinerRequest(ModelMetadata metadata, List<LayerSpec> layers, Settings settings, boolean asked) {
    /** Copies the list. */
    public RefinerRequest {
        layers = List.copyOf(layers);
    }
}
