package dev.winnow.launcher.convert;

import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.Optional;

/**
 * Rotary positions from {@code rope_theta} with {@code rope_scaling}, or {@code rope_parameters} of newer checkpoints, as metadata and, for Llama 3.1, as a tensor
 * of divisors. Formulas: transformers, modeling_rope_utils.py.
 */
final class RopeScaling {

    private final ModelConfig config;
    private final JsonObject parameters; // of layers that see the whole context
    private final double base;
    private final String type;

    RopeScaling(ModelConfig config) {
        this.config = config;
        JsonObject text = config.text();
        JsonObject found = text.object("rope_parameters").or(() -> text.object("rope_scaling")).orElse(text);
        this.parameters = found.object("full_attention").orElse(found);
        double usual = config.family() == Family.GEMMA3 ? 1_000_000 : 10_000;
        this.base = parameters.real("rope_theta").orElse(text.real("rope_theta").orElse(usual));
        boolean scaled = parameters != text;
        this.type = scaled ? parameters.text("rope_type").or(() -> parameters.text("type")).orElse("default") : "default";
        if (!(base > 1)) {
            throw parameters.wrong("rope_theta", "greater than 1");
        }
    }

    /** Writes what the architecture's keys can say. */
    void describe(GgufMetadata.Builder metadata) {
        String prefix = config.family().architecture() + ".rope.";
        int dims = rotatedDims();
        metadata.set(prefix + "dimension_count", GgufValue.integer(GgufType.U32, dims));
        metadata.set(prefix + "freq_base", GgufValue.real((float) base));
        if (config.family() == Family.GEMMA3) {
            metadata.set(prefix + "freq_base_swa", GgufValue.real((float) localBase()));
        }
        switch (type) {
            case "default", "llama3" -> {
            }
            case "linear" -> {
                metadata.set(prefix + "scaling.type", GgufValue.string("linear"));
                metadata.set(prefix + "scaling.factor", GgufValue.real((float) factor()));
            }
            case "yarn" -> yarn(metadata, prefix + "scaling.");
            default -> throw Defects.unsupported("The rope scaling '" + type + "' in " + parameters.file()
                    + " cannot be converted; known are default, linear, llama3 and yarn");
        }
    }

    private int rotatedDims() {
        double share = parameters.real("partial_rotary_factor").orElse(config.text().real("partial_rotary_factor").orElse(1));
        if (share != 1) {
            throw Defects.unsupported("The checkpoint rotates only a part of each head (partial_rotary_factor in " + parameters.file()
                    + "), which the architecture " + config.family().architecture() + " has no key for");
        }
        return config.headDim();
    }

    /** The base of Gemma 3's layers with a window. */
    private double localBase() {
        return config.text().object("rope_parameters").flatMap(all -> all.object("sliding_attention"))
                .map(local -> local.real("rope_theta"))
                .orElseGet(() -> config.text().real("rope_local_base_freq")).orElse(10_000);
    }

    private double factor() {
        double factor = parameters.real("factor").orElseThrow(() -> parameters.missing("factor"));
        if (factor < 1) {
            throw parameters.wrong("factor", "at least 1");
        }
        return factor;
    }

    private void yarn(GgufMetadata.Builder metadata, String prefix) {
        double factor = factor();
        metadata.set(prefix + "type", GgufValue.string("yarn"));
        metadata.set(prefix + "factor", GgufValue.real((float) factor));
        metadata.set(prefix + "original_context_length",
                GgufValue.integer(GgufType.U32,
                        parameters.integer("original_max_position_embeddings", config.context(), 1, Integer.MAX_VALUE)));
        parameters.real("beta_fast").ifPresent(beta -> metadata.set(prefix + "yarn_beta_fast", GgufValue.real((float) beta)));
        parameters.real("beta_slow").ifPresent(beta -> metadata.set(prefix + "yarn_beta_slow", GgufValue.real((float) beta)));
        double usual = magnitude(factor, 1);
        double wanted = parameters.real("attention_factor").orElseGet(() -> parameters.has("mscale") && parameters.has("mscale_all_dim")
                ? magnitude(factor, parameters.real("mscale").orElse(1)) / magnitude(factor, parameters.real("mscale_all_dim").orElse(1))
                : usual);
        if (wanted != usual) {
            metadata.set(prefix + "attn_factor", GgufValue.real((float) (wanted / usual)));
        }
    }

    private static double magnitude(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;
    }

    /**
     * Returns the divisors of Llama 3.1's frequencies: waves longer than the original context by {@code low_freq_factor} are stretched, short ones are not,
     * and those between are mixed.
     */
    Optional<float[]> divisors() {
        if (!type.equals("llama3")) {
            return Optional.empty();
        }
        double factor = factor();
        double low = parameters.real("low_freq_factor").orElse(1);
        double high = parameters.real("high_freq_factor").orElse(4);
        int original = parameters.integer("original_max_position_embeddings", 8192, 1, Integer.MAX_VALUE);
        if (high <= low) {
            throw parameters.wrong("high_freq_factor", "greater than low_freq_factor");
        }
        float[] divisors = new float[config.headDim() / 2];
        for (int i = 0; i < divisors.length; i++) {
            double wave = 2 * Math.PI * Math.pow(base, 2.0 * i / config.headDim());
            if (wave < original / high) {
                divisors[i] = 1;
            } else if (wave > original / low) {
                divisors[i] = (float) factor;
            } else {
                double smooth = (original / wave - low) / (high - low);
                divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
            }
        }
        return Optional.of(divisors);
    }
}
