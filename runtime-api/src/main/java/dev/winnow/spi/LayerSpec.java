package dev.winnow.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transformer layer as data. An architecture is a list of these; the forward pass and the backends read them and never ask for the architecture's name.
 *
 * @param index       number of the layer, from 0
 * @param attention   heads, dimensions, scale, soft-cap, window
 * @param rope        rotary position embedding; null for a layer without it
 * @param feedForward activation, width, experts
 * @param normEpsilon epsilon of every RMS norm of the layer
 * @param postNorms   whether the outputs of attention and feed-forward are normed before they are added to the residual (Gemma 2 and 3)
 */
public record LayerSpec(int index, Attention attention, @Nullable Rope rope, FeedForward feedForward, float normEpsilon,
        boolean postNorms) {

    /**
     * The attention of a layer.
     *
     * @param headCount    query heads
     * @param headCountKv  key and value heads; divides {@code headCount}
     * @param keyDim       dimension of a query and a key
     * @param valueDim     dimension of a value
     * @param scale        factor of the scores q·k
     * @param softcap      scores become {@code cap · tanh(score / cap)}; 0 for none
     * @param window       sliding window in keys, the query's own key included; 0 for none
     * @param queryKeyNorm whether queries and keys are RMS-normed per head before RoPE
     * @param sinks        whether each head has a learned sink logit that joins the softmax denominator
     */
    public record Attention(int headCount, int headCountKv, int keyDim, int valueDim, float scale, float softcap, int window,
            boolean queryKeyNorm,
            boolean sinks) {

        /** Returns the number of query heads that share one KV head. */
        public int groupSize() {
            return headCount / headCountKv;
        }
    }

    /**
     * Rotary position embedding.
     *
     * @param style                 which dimensions form a pair
     * @param dims                  rotated dimensions of a head: even, 2 or more; the rest is copied
     * @param frequencyBase         theta
     * @param frequencyScale        factor of interpolated positions: 1 / scaling factor
     * @param extrapolation         YaRN ext_factor: 0 for none, 1 for YaRN
     * @param magnitude             final factor of cosine and sine, YaRN's own factor not included
     * @param betaFast              YaRN: rotations above which a dimension is extrapolated
     * @param betaSlow              YaRN: rotations below which a dimension is interpolated
     * @param originalContextLength context length of the training before scaling
     * @param factors               divisors of the frequencies, one for each pair; empty for none
     */
    public record Rope(RopeStyle style, int dims, float frequencyBase, float frequencyScale, float extrapolation, float magnitude,
            float betaFast,
            float betaSlow, int originalContextLength, List<Float> factors) {
        /**
         * Copies the list.
         *
         * @throws IllegalArgumentException if no dimensions are rotated: such a layer has no rotary position embedding
         */
        public Rope {
            if (dims < 2 || dims % 2 != 0) {
                throw new IllegalArgumentException(dims + " dimensions cannot be rotated in pairs");
            }
            factors = List.copyOf(factors);
        }
    }

    /**
     * The feed-forward network of a layer.
     *
     * @param activation  gate function
     * @param hiddenDim   width of the network, or of one expert
     * @param expertCount experts; 0 for a dense network
     * @param expertsUsed experts that each token uses
     */
    public record FeedForward(Activation activation, int hiddenDim, int expertCount, int expertsUsed) {}
}
