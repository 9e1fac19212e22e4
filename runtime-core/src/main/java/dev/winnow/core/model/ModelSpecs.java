package dev.winnow.core.model;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.spi.LayerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns metadata into a {@link ModelSpec}. */
final class ModelSpecs {

    private static final int MAX_LAYERS = 512; // llama.cpp's limit
    private static final int MAX_DIMENSION = 1 << 20;

    private final GgufMetadata metadata;
    private final Architecture architecture;
    private final Hyperparameters keys;
    private final RopeFactors factors;

    private ModelSpecs(GgufMetadata metadata, Architecture architecture, RopeFactors factors) {
        this.metadata = metadata;
        this.architecture = architecture;
        this.keys = new Hyperparameters(metadata);
        this.factors = factors;
    }

    /**
     * Divisors of rotary frequencies that the file holds as tensors; empty lists for none.
     *
     * @param always for every context (Llama 3.1)
     * @param brief  for contexts up to the original one (LongRoPE)
     * @param longer for longer contexts
     */
    record RopeFactors(List<Float> always, List<Float> brief, List<Float> longer) {}

    /**
     * Reads the specification of a model.
     *
     * @param vocabularyRows number of rows of the token embedding
     * @throws WinnowException for an unknown architecture or inconsistent keys
     */
    static ModelSpec read(GgufMetadata metadata, int vocabularyRows, RopeFactors factors) {
        String id = metadata.architecture();
        Architecture architecture = Architecture.of(id).orElseThrow(() -> new WinnowException(WinnowException.Kind.UNSUPPORTED,
                "The model's architecture '" + id + "' is not known; known are " + Architecture.known() + "."));
        return new ModelSpecs(metadata, architecture, factors).read(vocabularyRows);
    }

    private ModelSpec read(int vocabularyRows) {
        int layerCount = keys.required("block_count", 1, MAX_LAYERS);
        int embedding = keys.required("embedding_length", 1, MAX_DIMENSION);
        int context = keys.required("context_length", 0, Integer.MAX_VALUE);
        float epsilon = keys.requiredReal("attention.layer_norm_rms_epsilon");
        int[] heads = keys.perLayer("attention.head_count", layerCount, -1, 1, MAX_DIMENSION);
        int[] headsKv = keys.has("attention.head_count_kv")
                ? keys.perLayer("attention.head_count_kv", layerCount, -1, 1, MAX_DIMENSION)
                : heads;
        boolean[] windowed = keys.windowPattern(layerCount, architecture.windowPeriod());
        int window = switch (architecture) {
            case GPT_OSS -> keys.required("attention.sliding_window", 1, Integer.MAX_VALUE);
            case GEMMA2, GEMMA3 -> keys.integer("attention.sliding_window", architecture == Architecture.GEMMA2 ? 4096 : 0, 0,
                    Integer.MAX_VALUE);
            default -> 0;
        };
        int experts = keys.integer("expert_count", 0, 0, 1024);
        int expertsUsed = experts == 0 ? 0 : keys.required("expert_used_count", 1, experts);
        int[] hidden = hiddenDims(layerCount, expertsUsed);
        int originalContext = keys.integer("rope.scaling.original_context_length", context, 0, Integer.MAX_VALUE);
        List<LayerSpec> layers = new ArrayList<>();
        for (int i = 0; i < layerCount; i++) {
            int layerWindow = window > 0 && windowed[i] ? window : 0;
            layers.add(new LayerSpec(i, attention(embedding, heads[i], headsKv[i], layerWindow, layerCount),
                    rope(i, embedding, heads[i], layerWindow, originalContext),
                    new LayerSpec.FeedForward(architecture.activation(), hidden[i], experts, expertsUsed), epsilon,
                    architecture.hasPostNorms()));
        }
        checkVocabulary(vocabularyRows);
        float temperatureScale = keys.real("attention.temperature_scale", 0);
        boolean yarn = layers.stream().map(LayerSpec::rope).anyMatch(rope -> rope != null && rope.extrapolation() != 0);
        if (originalContext == 0 && (temperatureScale != 0 || yarn || !factors.longer().isEmpty())) {
            throw Hyperparameters.invalid("The model scales positions by its original context length, but the key "
                    + metadata.architecture() + ".rope.scaling.original_context_length, or else context_length, is 0.");
        }
        return new ModelSpec(metadata.architecture(), vocabularyRows, embedding, context, layers,
                architecture.isGemma() ? (float) Math.sqrt(embedding) : 1,
                epsilon, keys.real("final_logit_softcapping", architecture == Architecture.GEMMA2 ? 30 : 0),
                temperatureScale, originalContext, factors.longer(), true, scaleOrOne(keys.real("expert_weights_scale", 0)));
    }

    /** The widths of the feed-forward networks, with experts those of each expert. Where Qwen 3 has no key for experts, those that are used share the other one. */
    private int[] hiddenDims(int layerCount, int expertsUsed) {
        boolean ofExperts = expertsUsed > 0 && keys.has("expert_feed_forward_length");
        int[] hidden = keys.perLayer(ofExperts ? "expert_feed_forward_length" : "feed_forward_length", layerCount, -1, 1, 1 << 24);
        if (expertsUsed > 0 && !ofExperts && architecture == Architecture.QWEN3MOE) {
            Arrays.setAll(hidden, layer -> hidden[layer] / expertsUsed);
        }
        return hidden;
    }

    private static float scaleOrOne(float scale) {
        return scale == 0 ? 1 : scale;
    }

    private void checkVocabulary(int vocabularyRows) {
        int declared = keys.integer("vocab_size", vocabularyRows, 1, Integer.MAX_VALUE);
        int tokens = metadata.keys().contains("tokenizer.ggml.tokens")
                ? metadata.strings("tokenizer.ggml.tokens").orElseThrow().length
                : vocabularyRows;
        if (declared != vocabularyRows || tokens != vocabularyRows) {
            throw Hyperparameters.invalid("The tensor token_embd.weight has " + vocabularyRows + " rows, but the metadata has " + tokens
                    + " tokens and says vocab_size "
                    + declared + ".");
        }
        for (long id : metadata.integers("tokenizer.ggml.suppress_tokens").orElse(new long[0])) {
            if (id < 0 || id >= vocabularyRows) {
                throw Hyperparameters.invalid("The key tokenizer.ggml.suppress_tokens names the token " + id
                        + ", but the model has the tokens 0 to " + (vocabularyRows - 1) + ".");
            }
        }
    }

    private LayerSpec.Attention attention(int embedding, int heads, int headsKv, int window, int layerCount) {
        if (heads % headsKv != 0) {
            throw Hyperparameters
                    .invalid("The " + heads + " query heads cannot share " + headsKv + " key heads evenly (attention.head_count_kv).");
        }
        int keyDim = headDim("attention.key_length", embedding, heads);
        int valueDim = headDim("attention.value_length", embedding, heads);
        float scale = keys.real("attention.scale", 0);
        if (scale == 0) {
            int divisor = architecture.layersOf27B() == layerCount ? embedding / heads : keyDim; // whole, as in llama.cpp
            scale = (float) (1 / Math.sqrt(divisor));
        }
        float softcap = architecture == Architecture.GEMMA2 ? keys.real("attn_logit_softcapping", 50) : 0;
        return new LayerSpec.Attention(heads, headsKv, keyDim, valueDim, scale, softcap, window, architecture.hasQueryKeyNorm(),
                architecture.hasSinks());
    }

    private int headDim(String key, int embedding, int heads) {
        if (keys.has(key)) {
            return keys.required(key, 1, 1 << 14);
        }
        if (embedding % heads != 0) {
            throw Hyperparameters.invalid("The embedding length " + embedding + " is not a multiple of the " + heads
                    + " heads, and the key " + key + " is missing.");
        }
        return embedding / heads;
    }

    private LayerSpec.@Nullable Rope rope(int layer, int embedding, int heads, int window, int originalContext) {
        int keyDim = headDim("attention.key_length", embedding, heads);
        int dims = keys.integer("rope.dimension_count", keyDim, 0, 1 << 14);
        if (dims > keyDim || dims % 2 != 0 || (architecture.ropeStyle() == dev.winnow.spi.RopeStyle.NORM && dims != keyDim)) {
            throw Hyperparameters.invalid("The key rope.dimension_count is " + dims + ", but the heads have " + keyDim + " dimensions.");
        }
        checkFactors("rope_freqs.weight", factors.always(), dims);
        checkFactors("rope_factors_short.weight", factors.brief(), dims);
        checkFactors("rope_factors_long.weight", factors.longer(), dims);
        if (dims == 0 || !architecture.hasRope(layer)) {
            return null;
        }
        List<Float> divisors = factors.always().isEmpty() ? factors.brief() : factors.always();
        // Gemma 3 uses its own base, without scaling, in the layers with a window.
        if (window > 0 && architecture == Architecture.GEMMA3) {
            return new LayerSpec.Rope(architecture.ropeStyle(), dims, keys.real("rope.freq_base_swa", 10000), 1, 0, 1, 32, 1,
                    originalContext, divisors);
        }
        float base = keys.real("rope.freq_base", 10000);
        return scaledRope(dims, window > 0 ? keys.real("rope.freq_base_swa", base) : base, originalContext, divisors);
    }

    private static void checkFactors(String tensor, List<Float> divisors, int dims) {
        if (!divisors.isEmpty() && divisors.size() != dims / 2) {
            throw Hyperparameters.invalid("The tensor " + tensor + " has " + divisors.size() + " values, but " + dims / 2 + " are needed.");
        }
    }

    private LayerSpec.Rope scaledRope(int dims, float base, int originalContext, List<Float> divisors) {
        String scaling = keys.word("rope.scaling.type", "linear", List.of("none", "linear", "yarn", "longrope"));
        float factor = keys.real("rope.scaling.factor", keys.real("rope.scale_linear", 0));
        float frequencyScale = factor == 0 || scaling.equals("none") ? 1 : 1 / factor;
        boolean yarn = scaling.equals("yarn");
        float magnitude = 1;
        if (yarn) {
            double stretch = 1 / (double) frequencyScale;
            double logMultiplier = keys.real("rope.scaling.yarn_log_multiplier", 0);
            magnitude = (float) ((logMultiplier == 0
                    ? yarnMagnitude(stretch, 1)
                    : yarnMagnitude(stretch, 1) / yarnMagnitude(stretch, logMultiplier))
                    / (1 + 0.1 * Math.log(stretch)));
        }
        magnitude *= keys.real("rope.scaling.attn_factor", 1);
        return new LayerSpec.Rope(architecture.ropeStyle(), dims, base, frequencyScale, yarn ? 1 : 0,
                magnitude,
                keys.real("rope.scaling.yarn_beta_fast", 32), keys.real("rope.scaling.yarn_beta_slow", 1), originalContext, divisors);
    }

    /** YaRN's attention factor (Peng et al. 2023, §3.4) for a stretch of the context. */
    private static double yarnMagnitude(double stretch, double multiplier) {
        return stretch <= 1 ? 1 : 0.1 * multiplier * Math.log(stretch) + 1;
    }
}
