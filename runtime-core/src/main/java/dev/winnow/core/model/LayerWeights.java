package dev.winnow.core.model;

import dev.winnow.spi.Linear;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The weights of one layer. Norm weights are float arrays; what is absent in the file is null. */
record LayerWeights(Vector attentionNorm, Linear query, Linear key, Linear value, @Nullable Vector queryBias, @Nullable Vector keyBias,
        @Nullable Vector valueBias, @Nullable Vector queryNorm, @Nullable Vector keyNorm, Linear output, @Nullable Vector outputBias,
        @Nullable Vector sinks, @Nullable Vector postAttentionNorm, Vector feedForwardNorm, @Nullable Vector postFeedForwardNorm,
        @Nullable Linear router, @Nullable Vector routerBias, List<Expert> experts) {

    LayerWeights {
        experts = List.copyOf(experts);
    }

    /** A vector of F32 weights. */
    static final class Vector {
        private final float[] values;

        Vector(float[] values) {
            this.values = values;
        }

        float[] values() {
            return values;
        }
    }

    /** One gated feed-forward network: the only one of a dense layer, or one of many. */
    record Expert(Linear gate, Linear up, Linear down, @Nullable Vector gateBias, @Nullable Vector upBias, @Nullable Vector downBias) {}
}
