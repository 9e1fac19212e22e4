package dev.winnow.spi;

import java.util.List;

/**
 * What the refiner of a session is created with.
 *
 * @param layers        the model's layers
 * @param contextLength the largest number of positions of the session
 * @param workers       number of workers that call {@link MaskRefiner#refine} at once
 * @param products      small dense products for scoring queries against summaries of keys, computed by the chosen backend
 * @param elementwise   sums, soft-capping and softmax of scores, computed by the chosen backend
 */
public record RefinerContext(List<LayerSpec> layers, int contextLength, int workers, LinearBackend products,
        ElementwiseBackend elementwise) {
    /** Copies the list. */
    public RefinerContext {
        layers = List.copyOf(layers);
    }
}
