package dev.winnow.core.model;

import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * A model as data: everything that the forward pass needs besides weights.
 *
 * @param architecture              {@code general.architecture}
 * @param vocabularySize            number of tokens
 * @param embeddingLength           width of the residual stream
 * @param contextLength             context length of the training
 * @param layers                    the layers
 * @param embeddingScale            factor of token embeddings
 * @param finalNormEpsilon          epsilon of the norm before the logits
 * @param finalSoftcap              soft-cap of the logits; 0 for none
 * @param temperatureScale          queries grow by {@code 1 + f · ln(⌊position / original context⌋ + 1)}; 0 for none (Ministral)
 * @param originalContextLength     context length before scaling, for the choice of long factors and for {@code temperatureScale}
 * @param longFactors               LongRoPE divisors for contexts above the original one; empty for none
 * @param normaliseExpertWeights    whether the weights of the used experts are divided by their sum
 * @param expertWeightsScale        factor of the experts' weights; 1 for none
 */
public record ModelSpec(String architecture, int vocabularySize, int embeddingLength, int contextLength, List<LayerSpec> layers,
        float embeddingScale, float finalNormEpsilon, float finalSoftcap, float temperatureScale, int originalContextLength,
        List<Float> longFactors, boolean normaliseExpertWeights, float expertWeightsScale) {
    /** Copies the lists. */
    public ModelSpec {
        layers = List.copyOf(layers);
        longFactors = List.copyOf(longFactors);
    }
}
