package dev.winnow.core.model;

import java.util.List;

/**
 * How the matrices of a model are cut into bands, computed once for all sessions.
 *
 * @param layers the layers
 * @param logits the output matrix
 */
record WeightBands(List<Layer> layers, LinearBands logits) {

    /**
     * The matrices of a layer.
     *
     * @param projections query, key and value
     * @param output      output of attention
     * @param experts     the feed-forward networks
     */
    record Layer(LinearBands projections, LinearBands output, List<Expert> experts) {}

    /**
     * The matrices of a feed-forward network.
     *
     * @param gate gate, and up with the same rows
     * @param down down
     */
    record Expert(LinearBands gate, LinearBands down) {}

    static WeightBands of(Weights weights) {
        return new WeightBands(weights.layers().stream().map(WeightBands::layer).toList(), new LinearBands(weights.output()));
    }

    private static Layer layer(LayerWeights weights) {
        return new Layer(new LinearBands(weights.query(), weights.key(), weights.value()), new LinearBands(weights.output()),
                weights.experts().stream().map(each -> new Expert(new LinearBands(each.gate()), new LinearBands(each.down()))).toList());
    }
}
