package dev.winnow.launcher.convert;

import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Writes the keys under the name of the architecture. */
final class ModelKeys {

    private static final int WINDOW_PERIOD_GEMMA2 = 2;
    private static final int WINDOW_PERIOD_GEMMA3 = 6;

    private final ModelConfig config;
    private final JsonObject text;
    private final GgufMetadata.Builder metadata;
    private final String prefix;
    private final Consumer<String> warnings;

    private ModelKeys(ModelConfig config, GgufMetadata.Builder metadata, Consumer<String> warnings) {
        this.config = config;
        this.text = config.text();
        this.metadata = metadata;
        this.prefix = config.family().architecture() + ".";
        this.warnings = warnings;
    }

    /** Describes a model; {@code vocabularySize} is the number of rows of its embeddings. */
    static void describe(ModelConfig config, RopeScaling rope, int vocabularySize, GgufMetadata.Builder metadata,
            Consumer<String> warnings) {
        ModelKeys keys = new ModelKeys(config, metadata, warnings);
        keys.sizes(vocabularySize);
        rope.describe(metadata);
        keys.scales();
        keys.windows();
        keys.sparseK();
    }

    private void integer(String key, long value) {
        metadata.set(prefix + key, GgufValue.integer(GgufType.U32, value));
    }

    private void real(String key, double value) {
        metadata.set(prefix + key, GgufValue.real((float) value));
    }

    private void sizes(int vocabularySize) {
        integer("vocab_size", vocabularySize);
        integer("context_length", config.context());
        integer("embedding_length", config.embedding());
        integer("block_count", config.layers());
        integer("feed_forward_length", config.hidden());
        integer("attention.head_count", config.heads());
        integer("attention.head_count_kv", config.headsKv());
        integer("attention.key_length", config.headDim());
        integer("attention.value_length", config.headDim());
        real("attention.layer_norm_rms_epsilon", config.normEpsilon());
    }

    private void scales() {
        Family family = config.family();
        if (family == Family.GEMMA2 || family == Family.GEMMA3) {
            text.real("final_logit_softcapping").ifPresent(cap -> real("final_logit_softcapping", cap));
            // The architectures have 1/√head_dim, and in their 27B models 1/√(embedding/heads).
            int layersOf27B = family == Family.GEMMA2 ? 46 : 62;
            double usual = config.layers() == layersOf27B ? (double) config.embedding() / config.heads() : config.headDim();
            double wanted = text.real("query_pre_attn_scalar").orElse(256);
            if (wanted != usual) {
                real("attention.scale", 1 / Math.sqrt(wanted));
                warnings.accept("query_pre_attn_scalar is " + wanted + " where the architecture has " + usual
                        + ": Winnow reads it from the key " + prefix + "attention.scale, llama.cpp does not");
            }
        }
        if (family == Family.GEMMA2) {
            text.real("attn_logit_softcapping").ifPresent(cap -> real("attn_logit_softcapping", cap));
        } else if (text.real("attn_logit_softcapping").isPresent()) {
            throw Defects.unsupported("The checkpoint caps the scores of attention (attn_logit_softcapping in " + text.file()
                    + "), which the architecture " + family.architecture() + " does not");
        }
    }

    private void windows() {
        switch (config.family()) {
            case GEMMA2 -> {
                integer("attention.sliding_window", text.integer("sliding_window", 4096, 1, Integer.MAX_VALUE));
                requirePeriod(WINDOW_PERIOD_GEMMA2);
            }
            case GEMMA3 -> {
                integer("attention.sliding_window", text.integer("sliding_window", 4096, 1, Integer.MAX_VALUE));
                requirePeriod(text.integer("sliding_window_pattern", text.integer("_sliding_window_pattern", WINDOW_PERIOD_GEMMA3, 1, 512),
                        1, 512));
            }
            case SMOLLM3 -> requireRopePattern();
            case LLAMA, QWEN2, QWEN3, GEMMA -> warnOfWindow();
        }
    }

    /** Every so many layers one layer sees the whole context, unless the configuration lists them otherwise. */
    private void requirePeriod(int declared) {
        List<JsonNode> types = text.list("layer_types");
        int first = 0;
        while (first < types.size() && !types.get(first).asString("").equals("full_attention")) {
            first++;
        }
        int period = types.isEmpty() ? declared : first < types.size() ? first + 1 : windowsOnly(types.size(), declared);
        for (int layer = 0; layer < types.size(); layer++) {
            String expected = (layer + 1) % period == 0 ? "full_attention" : "sliding_attention";
            if (!types.get(layer).asString("").equals(expected)) {
                throw text.wrong("layer_types", "a pattern that repeats itself and ends in full_attention");
            }
        }
        int usual = config.family() == Family.GEMMA2 ? WINDOW_PERIOD_GEMMA2 : WINDOW_PERIOD_GEMMA3;
        if (period != usual) {
            integer("attention.sliding_window_pattern", period);
        }
    }

    /** In a model with fewer layers than the period all have windows; any longer period says so. */
    private static int windowsOnly(int layers, int declared) {
        return declared > layers ? declared : layers + 1;
    }

    private void requireRopePattern() {
        List<JsonNode> flags = text.list("no_rope_layers");
        for (int layer = 0; layer < flags.size(); layer++) {
            if (flags.get(layer).asInt(-1) != ((layer + 1) % 4 == 0 ? 0 : 1)) {
                throw text.wrong("no_rope_layers", "the pattern of SmolLM3, which leaves out rotary positions in every fourth layer");
            }
        }
        warnOfWindow();
    }

    private void warnOfWindow() {
        long window = text.integer("sliding_window").orElse(0);
        boolean unused = !text.bool("use_sliding_window").orElse(true);
        if (window > 0 && window < config.context() && !unused) {
            warnings.accept("the model was trained with a sliding window of " + window + " keys, which the architecture "
                    + config.family().architecture() + " has no key for: longer contexts see everything");
        }
    }

    private void sparseK() {
        JsonObject flat = config.holderOf("sparsek_top_k");
        config.holderOf("sparsek").object("sparsek").ifPresentOrElse(nested -> sparseK(nested, ""), () -> sparseK(flat, "sparsek_"));
    }

    private void sparseK(JsonObject holder, String start) {
        List<String> found = new ArrayList<>();
        for (String name : List.of("top_k", "window", "stride")) {
            if (holder.has(start + name)) {
                integer("sparsek." + name, holder.integer(start + name, 0, 0, Integer.MAX_VALUE));
                found.add(name);
            }
        }
        if (!found.isEmpty() || holder.has(start + "enable")) {
            metadata.set(prefix + "sparsek.enable", GgufValue.bool(holder.bool(start + "enable").orElse(true)));
        }
    }
}
