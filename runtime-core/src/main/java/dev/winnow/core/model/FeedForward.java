package dev.winnow.core.model;

import dev.winnow.core.parallel.ParallelTask;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.parallel.WorkerTimes;
import dev.winnow.spi.Activations;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The gated feed-forward network of a layer, dense or a mixture of experts: down(f(gate(x)) · up(x)). Gate and up of one band of rows are computed by the
 * same worker, which applies the activation while both are in its cache.
 */
final class FeedForward {

    private static final float LEAST_WEIGHT_SUM = 0x1p-14f; // llama.cpp's guard of the division, the smallest normal F16

    private final ModelSpec spec;
    private final WorkerPool pool;
    private final WorkerTimes linearTimes;
    private final ElementwiseBackend elementwise;
    private final Map<Integer, Activations> hidden = new HashMap<>(); // by width: [tokens][hiddenDim], gate and then the product
    private final float[] up; // [tokens][hiddenDim]
    private final Activations expertInput; // [tokens][embedding]
    private final float[] expertOutput; // [tokens][embedding]
    private final float[] routing; // [tokens][experts]
    private final WeightBands bands;
    private final int[] routed; // tokens of the expert at hand
    private final ParallelTask gatePart = this::gateBand;
    private final ParallelTask downPart = this::downBand;

    // the state of the regions: set before each, read by all workers
    private LayerSpec layer;
    private LayerWeights.Expert expert;
    private WeightBands.Expert expertBands;
    private Activations input;
    private Activations product;
    private float[] target;
    private int tokens;

    FeedForward(LoadedWeights model, Backends backends, WorkerPool pool, WorkerTimes linearTimes, int maxTokens) {
        this.linearTimes = linearTimes;
        this.spec = model.spec();
        this.bands = model.bands();
        this.pool = pool;
        this.elementwise = backends.elementwise();
        int widest = 0;
        int experts = 0;
        for (LayerSpec each : spec.layers()) {
            widest = Math.max(widest, each.feedForward().hiddenDim());
            experts = Math.max(experts, each.feedForward().expertCount());
            hidden.computeIfAbsent(each.feedForward().hiddenDim(), width -> backends.linear().newActivations(maxTokens, width));
        }
        int expertTokens = experts == 0 ? 0 : maxTokens;
        up = new float[maxTokens * widest];
        expertInput = backends.linear().newActivations(expertTokens, spec.embeddingLength());
        expertOutput = new float[expertTokens * spec.embeddingLength()];
        routing = new float[expertTokens * experts];
        routed = new int[expertTokens];
        layer = spec.layers().getFirst();
        expert = model.weights().layers().getFirst().experts().getFirst();
        expertBands = bands.layers().getFirst().experts().getFirst();
        input = expertInput;
        product = expertInput;
        target = expertOutput;
    }

    /** Computes the network of a layer for sealed, normed inputs into {@code output}: [tokens][embedding]. */
    void run(LayerSpec newLayer, LayerWeights weights, Activations normed, int count, float[] output) {
        layer = newLayer;
        if (layer.feedForward().expertCount() == 0) {
            network(weights, 0, normed, count, output);
            return;
        }
        int embedding = spec.embeddingLength();
        int experts = layer.feedForward().expertCount();
        route(weights, normed, count);
        Arrays.fill(output, 0, count * embedding, 0);
        for (int e = 0; e < experts; e++) {
            int mine = 0;
            for (int i = 0; i < count; i++) {
                if (routing[i * experts + e] != 0) {
                    System.arraycopy(normed.values(), i * embedding, expertInput.values(), mine * embedding, embedding);
                    routed[mine++] = i;
                }
            }
            if (mine > 0) {
                expertInput.seal(mine);
                network(weights, e, expertInput, mine, expertOutput);
                for (int i = 0; i < mine; i++) {
                    elementwise.addScaled(output, routed[i] * embedding, expertOutput, i * embedding, embedding,
                            routing[routed[i] * experts + e]);
                }
            }
        }
    }

    /**
     * Router: softmax over all experts, the best few are used, their weights divided by their sum; the same as gpt-oss's softmax over the best few alone.
     */
    private void route(LayerWeights weights, Activations normed, int count) {
        int experts = layer.feedForward().expertCount();
        Objects.requireNonNull(weights.router()).multiply(0, normed, 0, experts, routing, 0, experts);
        for (int i = 0; i < count; i++) {
            int at = i * experts;
            addBias(weights.routerBias(), routing, at, 0, experts);
            softmax(at, experts);
            keepLargest(routing, at, experts, layer.feedForward().expertsUsed());
            float sum = 0;
            for (int e = 0; e < experts; e++) {
                sum += routing[at + e];
            }
            float factor = spec.expertWeightsScale() / (spec.normaliseExpertWeights() ? Math.max(sum, LEAST_WEIGHT_SUM) : 1);
            for (int e = 0; e < experts; e++) {
                routing[at + e] *= factor;
            }
        }
    }

    private void softmax(int at, int experts) {
        float max = Float.NEGATIVE_INFINITY;
        for (int e = 0; e < experts; e++) {
            max = Math.max(max, routing[at + e]);
        }
        double sum = 0;
        for (int e = 0; e < experts; e++) {
            routing[at + e] = (float) Math.exp(routing[at + e] - max);
            sum += routing[at + e];
        }
        for (int e = 0; e < experts; e++) {
            routing[at + e] = (float) (routing[at + e] / sum);
        }
    }

    /** Sets all but the {@code used} largest of some weights to 0; of equals the lower index stays. */
    static void keepLargest(float[] weights, int at, int count, int used) {
        int last = -1; // of those that stay, in the order of weights and then of indices
        for (int i = 0; i < used; i++) {
            int next = -1;
            for (int e = 0; e < count; e++) {
                if ((last < 0 || isAfter(weights, at, e, last)) && (next < 0 || weights[at + e] > weights[at + next])) {
                    next = e;
                }
            }
            if (next < 0) {
                break; // NaN, which will reach the logits and be reported there
            }
            last = next;
        }
        for (int e = 0; e < count; e++) {
            if (isAfter(weights, at, e, last)) {
                weights[at + e] = 0;
            }
        }
    }

    private static boolean isAfter(float[] weights, int at, int expert, int other) {
        return weights[at + expert] < weights[at + other] || (weights[at + expert] == weights[at + other] && expert > other);
    }

    private void network(LayerWeights weights, int which, Activations from, int count, float[] output) {
        expert = weights.experts().get(which);
        expertBands = bands.layers().get(layer.index()).experts().get(which);
        input = from;
        tokens = count;
        target = output;
        product = Objects.requireNonNull(hidden.get(layer.feedForward().hiddenDim()));
        expertBands.gate().run(pool, tokens, gatePart);
        product.seal(tokens);
        expertBands.down().run(pool, tokens, downPart);
    }

    private void gateBand(int band, int worker) {
        int width = layer.feedForward().hiddenDim();
        int from = expertBands.gate().from(tokens, band);
        int to = expertBands.gate().to(tokens, band);
        long start = System.nanoTime();
        expert.gate().multiply(worker, input, from, to, product.values(), 0, width);
        expert.up().multiply(worker, input, from, to, up, 0, width);
        linearTimes.addSince(start, worker);
        for (int i = 0; i < tokens; i++) {
            addBias(expert.gateBias(), product.values(), i * width + from, from, to - from);
            addBias(expert.upBias(), up, i * width + from, from, to - from);
            elementwise.gate(layer.feedForward().activation(), product.values(), i * width + from, up, i * width + from, to - from);
        }
    }

    private void downBand(int band, int worker) {
        long start = System.nanoTime();
        int width = spec.embeddingLength();
        int from = expertBands.down().from(tokens, band);
        int to = expertBands.down().to(tokens, band);
        expert.down().multiply(worker, product, from, to, target, 0, width);
        linearTimes.addSince(start, worker);
        for (int i = 0; i < tokens; i++) {
            addBias(expert.downBias(), target, i * width + from, from, to - from);
        }
    }

    private void addBias(LayerWeights.@Nullable Vector bias, float[] values, int at, int from, int count) {
        if (bias != null) {
            elementwise.add(values, at, bias.values(), from, count);
        }
    }
}
