package dev.winnow.core.model;

import dev.winnow.spi.Linear;
import dev.winnow.spi.WeightMatrix;
import java.util.List;

/**
 * The weights of a model.
 *
 * @param embedding  token embeddings, decoded row by row
 * @param layers     the layers
 * @param outputNorm norm before the logits
 * @param output     logits; the token embeddings if the file has no own matrix
 */
record Weights(WeightMatrix embedding, List<LayerWeights> layers, LayerWeights.Vector outputNorm, Linear output) {
    Weights {
        layers = List.copyOf(layers);
    }
}
