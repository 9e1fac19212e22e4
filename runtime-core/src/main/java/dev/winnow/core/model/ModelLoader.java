package dev.winnow.core.model;

import dev.winnow.core.gguf.GgufFile;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.Linear;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.WeightMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the specification and the weights of a model from a file. */
public final class ModelLoader {

    private final TensorSource tensors;
    private final Function<WeightMatrix, Linear> prepare;
    private final ModelSpec spec;
    private final String feedForwardNorm;

    private ModelLoader(GgufFile file, Function<WeightMatrix, Linear> prepare) {
        this.tensors = new TensorSource(file);
        this.prepare = prepare;
        int embedding = new Hyperparameters(file.metadata()).integer("embedding_length", 0, 0, Integer.MAX_VALUE);
        int rows = tensors.has("token_embd.weight") && embedding > 0 ? tensors.matrixOfColumns("token_embd.weight", embedding).rows() : 0;
        this.feedForwardNorm = Architecture.of(file.metadata().architecture()).map(Architecture::feedForwardNorm).orElse("");
        this.spec = ModelSpecs.read(file.metadata(), rows,
                new ModelSpecs.RopeFactors(factors("rope_freqs.weight"), factors("rope_factors_short.weight"),
                        factors("rope_factors_long.weight")));
    }

    /**
     * Loads a model.
     *
     * @param linear    backend of the matrix products
     * @param fallback  backend of types that {@code linear} does not support
     */
    public static LoadedWeights load(GgufFile file, LinearBackend linear, LinearBackend fallback) {
        ModelLoader loader = new ModelLoader(file, matrix -> {
            if (!linear.unsupported(matrix.type()).isEmpty()) {
                return fallback.prepare(matrix);
            }
            return linear.prepare(matrix);
        });
        Weights weights = loader.weights();
        return new LoadedWeights(loader.spec, weights);
    }

    /**
     * Reads only the specification of a model.
     *
     * @throws dev.winnow.api.WinnowException if the architecture is unknown or the metadata is inconsistent
     */
    public static ModelSpec spec(GgufFile file) {
        return new ModelLoader(file, matrix -> {
            throw new IllegalStateException("no weights are read");
        }).spec;
    }

    private List<Float> factors(String name) {
        List<Float> list = new ArrayList<>();
        tensors.numbers(name).ifPresent(values -> {
            for (float value : values) {
                list.add(value);
            }
        });
        return list;
    }

    private Weights weights() {
        int width = spec.embeddingLength();
        WeightMatrix embedding = tensors.matrix("token_embd.weight", spec.vocabularySize(), width);
        List<LayerWeights> layers = new ArrayList<>();
        for (LayerSpec layer : spec.layers()) {
            layers.add(layer(layer));
        }
        LayerWeights.Vector outputNorm = tensors.vector("output_norm.weight", width);
        WeightMatrix output = tensors.has("output.weight") ? tensors.matrix("output.weight", spec.vocabularySize(), width) : embedding;
        tensors.requireAllTaken();
        return new Weights(embedding, layers, outputNorm, prepare.apply(output));
    }

    private LayerWeights layer(LayerSpec layer) {
        LayerSpec.Attention attention = layer.attention();
        String prefix = "blk." + layer.index() + ".";
        int width = spec.embeddingLength();
        int queries = attention.headCount() * attention.keyDim();
        int keys = attention.headCountKv() * attention.keyDim();
        int values = attention.headCountKv() * attention.valueDim();
        Part query;
        Part key;
        Part value;
        if (tensors.has(prefix + "attn_qkv.weight")) {
            WeightMatrix fused = tensors.matrix(prefix + "attn_qkv.weight", queries + keys + values, width);
            LayerWeights.Vector bias = tensors.optionalVector(prefix + "attn_qkv.bias", queries + keys + values);
            query = new Part(rows(fused, 0, queries), slice(bias, 0, queries));
            key = new Part(rows(fused, queries, keys), slice(bias, queries, keys));
            value = new Part(rows(fused, queries + keys, values), slice(bias, queries + keys, values));
        } else {
            query = part(prefix + "attn_q", queries, width);
            key = part(prefix + "attn_k", keys, width);
            value = part(prefix + "attn_v", values, width);
        }
        boolean headNorms = attention.queryKeyNorm();
        boolean postNorms = layer.postNorms();
        return new LayerWeights(tensors.vector(prefix + "attn_norm.weight", width), prepare.apply(query.weights()),
                prepare.apply(key.weights()),
                prepare.apply(value.weights()), query.bias(), key.bias(), value.bias(),
                headNorms ? tensors.vector(prefix + "attn_q_norm.weight", attention.keyDim()) : null,
                headNorms ? tensors.vector(prefix + "attn_k_norm.weight", attention.keyDim()) : null,
                prepare.apply(tensors.matrix(prefix + "attn_output.weight", width, attention.headCount() * attention.valueDim())),
                tensors.optionalVector(prefix + "attn_output.bias", width),
                attention.sinks() ? tensors.vector(prefix + "attn_sinks.weight", attention.headCount()) : null,
                postNorms ? tensors.vector(prefix + "post_attention_norm.weight", width) : null,
                tensors.vector(prefix + feedForwardNorm + ".weight", width),
                postNorms ? tensors.vector(prefix + "post_ffw_norm.weight", width) : null,
                layer.feedForward().expertCount() == 0
                        ? null
                        : prepare.apply(tensors.matrix(prefix + "ffn_gate_inp.weight", layer.feedForward().expertCount(), width)),
                tensors.optionalVector(prefix + "ffn_gate_inp.bias", layer.feedForward().expertCount()),
                experts(layer, prefix));
    }

    private record Part(WeightMatrix weights, LayerWeights.@Nullable Vector bias) {}

    private Part part(String name, int rows, int columns) {
        return new Part(tensors.matrix(name + ".weight", rows, columns), tensors.optionalVector(name + ".bias", rows));
    }

    private List<LayerWeights.Expert> experts(LayerSpec layer, String prefix) {
        int width = spec.embeddingLength();
        int hidden = layer.feedForward().hiddenDim();
        int count = layer.feedForward().expertCount();
        List<LayerWeights.Expert> experts = new ArrayList<>();
        if (count > 0) {
            WeightMatrix[] gates = tensors.experts(prefix + "ffn_gate_exps.weight", count, hidden, width);
            WeightMatrix[] ups = tensors.experts(prefix + "ffn_up_exps.weight", count, hidden, width);
            WeightMatrix[] downs = tensors.experts(prefix + "ffn_down_exps.weight", count, width, hidden);
            LayerWeights.@Nullable Vector[] gateBiases = tensors.optionalExpertBiases(prefix + "ffn_gate_exps.bias", count, hidden);
            LayerWeights.@Nullable Vector[] upBiases = tensors.optionalExpertBiases(prefix + "ffn_up_exps.bias", count, hidden);
            LayerWeights.@Nullable Vector[] downBiases = tensors.optionalExpertBiases(prefix + "ffn_down_exps.bias", count, width);
            for (int i = 0; i < count; i++) {
                experts.add(new LayerWeights.Expert(prepare.apply(gates[i]), prepare.apply(ups[i]), prepare.apply(downs[i]), gateBiases[i],
                        upBiases[i], downBiases[i]));
            }
            return experts;
        }
        WeightMatrix gate;
        WeightMatrix up;
        if (tensors.has(prefix + "ffn_gate.weight")) {
            gate = tensors.matrix(prefix + "ffn_gate.weight", hidden, width);
            up = tensors.matrix(prefix + "ffn_up.weight", hidden, width);
        } else {
            WeightMatrix fused = tensors.matrix(prefix + "ffn_up.weight", 2 * hidden, width);
            gate = rows(fused, 0, hidden);
            up = rows(fused, hidden, hidden);
        }
        experts.add(new LayerWeights.Expert(prepare.apply(gate), prepare.apply(up),
                prepare.apply(tensors.matrix(prefix + "ffn_down.weight", width, hidden)),
                tensors.optionalVector(prefix + "ffn_gate.bias", hidden), tensors.optionalVector(prefix + "ffn_up.bias", hidden),
                tensors.optionalVector(prefix + "ffn_down.bias", width)));
        return experts;
    }

    private static WeightMatrix rows(WeightMatrix matrix, int from, int count) {
        return new WeightMatrix(matrix.name() + "[" + from + "+" + count + "]", matrix.type(), count, matrix.columns(),
                matrix.data().asSlice(from * matrix.rowBytes(), count * matrix.rowBytes()));
    }

    private static LayerWeights.@Nullable Vector slice(LayerWeights.@Nullable Vector vector, int from, int count) {
        return vector == null ? null : new LayerWeights.Vector(java.util.Arrays.copyOfRange(vector.values(), from, from + count));
    }
}
