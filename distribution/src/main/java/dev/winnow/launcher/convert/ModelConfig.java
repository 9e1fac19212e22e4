package dev.winnow.launcher.convert;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The sizes of a model from {@code config.json}, with the defaults of Python's transformers where published checkpoints rely on them. */
final class ModelConfig {

    private static final int MAX_DIMENSION = 1 << 24;
    private static final Set<String> SILU = Set.of("silu", "swish");
    private static final Set<String> GELU_TANH = Set.of("gelu_pytorch_tanh", "gelu_new");

    private final JsonObject whole;
    private final JsonObject text; // the language model's own part
    private final Family family;
    private final int layers;
    private final int embedding;
    private final int heads;
    private final int headsKv;
    private final int headDim;
    private final int hidden;

    private ModelConfig(JsonObject whole, JsonObject text, Family family) {
        this.whole = whole;
        this.text = text;
        this.family = family;
        boolean gemma3 = family == Family.GEMMA3;
        layers = required("num_hidden_layers", gemma3 ? 26 : 0, 512);
        embedding = required("hidden_size", gemma3 ? 2304 : 0, MAX_DIMENSION);
        heads = required("num_attention_heads", gemma3 ? 8 : 0, MAX_DIMENSION);
        headsKv = required("num_key_value_heads", gemma3 ? 4 : heads, MAX_DIMENSION);
        hidden = required("intermediate_size", gemma3 ? 9216 : 0, MAX_DIMENSION);
        headDim = required("head_dim", gemma3 ? 256 : embedding / heads, 1 << 14);
        if (heads % headsKv != 0) {
            throw text.wrong("num_key_value_heads", "a divisor of num_attention_heads");
        }
        if (headDim % 2 != 0) {
            throw text.wrong("head_dim", "even");
        }
        checkActivation();
    }

    /** Reads {@code config.json} of a folder. */
    static ModelConfig read(Path folder) {
        JsonObject whole = JsonObject.read(folder.resolve("config.json"));
        if (whole.has("quantization_config")) {
            throw Defects.unsupported(
                    "The checkpoint in " + folder + " is quantised (quantization_config in config.json); convert the original one");
        }
        List<JsonNode> classes = whole.list("architectures");
        if (classes.isEmpty()) {
            throw whole.missing("architectures");
        }
        String name = classes.getFirst().asString("");
        Family family = Family.ofClass(name).orElseThrow(() -> Defects.unsupported("The architecture '" + name + "' of " + whole.file()
                + " cannot be converted; known are " + Family.knownClasses()));
        return new ModelConfig(whole, whole.object("text_config").orElse(whole), family);
    }

    private int required(String key, int fallback, int max) {
        if (!text.has(key) && fallback == 0) {
            throw text.missing(key);
        }
        return text.integer(key, fallback, 1, max);
    }

    private void checkActivation() {
        // Gemma 1 was published with a wrong hidden_act, and its hidden_activation counts (transformers, GemmaConfig).
        String key = family.isGemma() ? "hidden_activation" : "hidden_act";
        Set<String> expected = family.isGemma() ? GELU_TANH : SILU;
        String name = text.text(key).orElse(null);
        if (name != null && !expected.contains(name)) {
            throw Defects
                    .unsupported("The activation '" + name + "' (" + key + " in " + text.file() + ") is not the one of the architecture "
                            + family.architecture() + ", which is " + String.join(" or ", expected.stream().sorted().toList()));
        }
    }

    Family family() {
        return family;
    }

    /** Returns the part of the file that describes the language model. */
    JsonObject text() {
        return text;
    }

    /** Returns a value of the language model's part or else of the whole. */
    JsonObject holderOf(String key) {
        return text.has(key) ? text : whole;
    }

    @Nullable
    JsonNode find(String key) {
        return holderOf(key).find(key);
    }

    int layers() {
        return layers;
    }

    int embedding() {
        return embedding;
    }

    int heads() {
        return heads;
    }

    int headsKv() {
        return headsKv;
    }

    int headDim() {
        return headDim;
    }

    int hidden() {
        return hidden;
    }

    int context() {
        return required("max_position_embeddings", family == Family.GEMMA3 ? 131_072 : 0, Integer.MAX_VALUE);
    }

    float normEpsilon() {
        return (float) text.real("rms_norm_eps").orElse(1e-6); // the default of all families here
    }

    /** Returns whether the logits use the token embeddings; null if the configuration does not say so. */
    @Nullable
    Boolean tied() {
        return holderOf("tie_word_embeddings").bool("tie_word_embeddings").orElse(null);
    }
}
