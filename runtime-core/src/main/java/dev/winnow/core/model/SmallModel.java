package dev.winnow.core.model;

import dev.winnow.spi.GgmlType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Makes a model that takes the same ways through the forward pass and its kernels as a real one, with a thousandth of the work, so that the JVM compiles them.
 * It has a layer for each storage format, the heads of a single KV head, and weights of zero; a bias makes queries that are not.
 */
public final class SmallModel {

    /** A multiple of all block sizes. */
    private static final int WIDTH = 256;

    /** Kernels cut the columns of a wide matrix, so the first layer has one. */
    private static final int WIDE = 1280;

    private static final int VOCABULARY = 64;
    private static final int EXPERTS = 2;

    private final LayerSpec pattern;
    private final LinearBackend linear;

    private SmallModel(LayerSpec pattern, LinearBackend linear) {
        this.pattern = pattern;
        this.linear = linear;
    }

    /**
     * Returns a small model.
     *
     * @param spec   of the real model
     * @param types  storage formats of its matrices
     * @param linear backend of the matrix products
     */
    public static LoadedWeights like(ModelSpec spec, Collection<GgmlType> types, LinearBackend linear) {
        SmallModel small = new SmallModel(spec.layers().getFirst(), linear);
        List<LayerSpec> layers = new ArrayList<>();
        List<LayerWeights> weights = new ArrayList<>();
        for (GgmlType type : types) {
            LayerSpec layer = small.layer(layers.size());
            layers.add(layer);
            weights.add(small.weights(layer, type));
        }
        ModelSpec smallSpec = new ModelSpec(spec.architecture(), VOCABULARY, WIDTH, spec.contextLength(), layers, spec.embeddingScale(),
                spec.finalNormEpsilon(), spec.finalSoftcap(), spec.temperatureScale(), spec.originalContextLength(), List.of(),
                spec.normaliseExpertWeights(), spec.expertWeightsScale());
        GgmlType first = types.iterator().next();
        return new LoadedWeights(smallSpec, new Weights(zeros(first, VOCABULARY, WIDTH), weights, vector(WIDTH),
                small.matrix(first, VOCABULARY, WIDTH)));
    }

    private LayerSpec layer(int index) {
        LayerSpec.Attention a = pattern.attention();
        LayerSpec.FeedForward f = pattern.feedForward();
        int experts = Math.min(f.expertCount(), EXPERTS);
        return new LayerSpec(index,
                new LayerSpec.Attention(a.groupSize(), 1, a.keyDim(), a.valueDim(), a.scale(), a.softcap(), 0, a.queryKeyNorm(), a.sinks()),
                pattern.rope(), new LayerSpec.FeedForward(f.activation(), index == 0 ? WIDE : WIDTH, experts, Math.min(experts, 1)),
                pattern.normEpsilon(), pattern.postNorms());
    }

    private LayerWeights weights(LayerSpec layer, GgmlType type) {
        LayerSpec.Attention a = layer.attention();
        LayerSpec.FeedForward f = layer.feedForward();
        List<LayerWeights.Expert> experts = new ArrayList<>();
        for (int i = 0; i < Math.max(1, f.expertCount()); i++) {
            experts.add(new LayerWeights.Expert(matrix(type, f.hiddenDim(), WIDTH), matrix(type, f.hiddenDim(), WIDTH),
                    matrix(type, WIDTH, f.hiddenDim()), null, null, null));
        }
        LayerWeights.Vector postNorm = layer.postNorms() ? vector(WIDTH) : null;
        LayerWeights.Vector headNorm = a.queryKeyNorm() ? ramp(a.keyDim()) : null;
        int attended = a.headCount() * a.valueDim();
        // the output matrix takes a format only if its columns are whole blocks
        GgmlType outputType = attended % type.blockSize() == 0 ? type : GgmlType.F32;
        return new LayerWeights(vector(WIDTH), matrix(type, a.headCount() * a.keyDim(), WIDTH), matrix(type, a.keyDim(), WIDTH),
                matrix(type, a.valueDim(), WIDTH), ramp(a.headCount() * a.keyDim()), null, null, headNorm, headNorm,
                matrix(outputType, WIDTH, attended), null,
                a.sinks() ? vector(a.headCount()) : null, postNorm, vector(WIDTH), postNorm,
                f.expertCount() == 0 ? null : matrix(GgmlType.F32, f.expertCount(), WIDTH), null, experts);
    }

    private Linear matrix(GgmlType type, int rows, int columns) {
        return linear.prepare(zeros(type, rows, columns));
    }

    private static WeightMatrix zeros(GgmlType type, int rows, int columns) {
        return new WeightMatrix("zeros", type, rows, columns, Arena.ofAuto().allocate(rows * type.byteSize(columns)));
    }

    private static LayerWeights.Vector ramp(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = 2f * i / length - 1;
        }
        return new LayerWeights.Vector(values);
    }

    private static LayerWeights.Vector vector(int length) {
        return new LayerWeights.Vector(new float[length]);
    }
}
