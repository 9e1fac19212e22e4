package dev.winnow.core.model;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.Arrays;
import java.util.List;

/** Reads the keys {@code <arch>.*} of a file with ranges and defaults; every failure is one sentence that names the key. */
final class Hyperparameters {

    private final GgufMetadata metadata;
    private final String prefix;

    Hyperparameters(GgufMetadata metadata) {
        this.metadata = metadata;
        this.prefix = metadata.architecture() + ".";
    }

    static WinnowException invalid(String message) {
        return new WinnowException(WinnowException.Kind.MODEL, message);
    }

    boolean has(String name) {
        return metadata.keys().contains(prefix + name);
    }

    int required(String name, int min, int max) {
        return (int) metadata.integer(prefix + name).stream().map(value -> checked(name, value, min, max)).findFirst()
                .orElseThrow(() -> invalid("The key " + prefix + name + " is missing from the model's metadata."));
    }

    int integer(String name, int fallback, int min, int max) {
        return (int) metadata.integer(prefix + name).stream().map(value -> checked(name, value, min, max)).findFirst().orElse(fallback);
    }

    float requiredReal(String name) {
        return finite(name, metadata.real(prefix + name)
                .orElseThrow(() -> invalid("The key " + prefix + name + " is missing from the model's metadata.")));
    }

    float real(String name, float fallback) {
        return finite(name, metadata.real(prefix + name).orElse(fallback));
    }

    private float finite(String name, double value) {
        if (!Float.isFinite((float) value)) {
            throw invalid("The key " + prefix + name + " is " + value + ", which is not a finite number of 32 bits.");
        }
        return (float) value;
    }

    /** One of some words, in the order in which a message lists them. */
    String word(String name, String fallback, List<String> known) {
        String word = metadata.string(prefix + name).orElse(fallback);
        if (!known.contains(word)) {
            throw invalid("The key " + prefix + name + " is '" + word + "', but must be one of " + String.join(", ", known) + ".");
        }
        return word;
    }

    /** A value that is one number for all layers or an array with one number for each. */
    int[] perLayer(String name, int layers, int fallback, int min, int max) {
        int[] values = new int[layers];
        if (!has(name)) {
            if (fallback < min) {
                throw invalid("The key " + prefix + name + " is missing from the model's metadata.");
            }
            Arrays.fill(values, fallback);
            return values;
        }
        if (isArray(name)) {
            long[] array = metadata.integers(prefix + name).orElseThrow();
            if (array.length != layers) {
                throw invalid("The key " + prefix + name + " has " + array.length + " values, but the model has " + layers + " layers.");
            }
            for (int i = 0; i < layers; i++) {
                values[i] = (int) checked(name, array[i], min, max);
            }
            return values;
        }
        Arrays.fill(values, required(name, min, max));
        return values;
    }

    /** Which layers have a sliding window: from an array of flags, a period, or the architecture's own period. */
    boolean[] windowPattern(int layers, int period) {
        String name = "attention.sliding_window_pattern";
        boolean[] pattern = new boolean[layers];
        int effective = period;
        if (has(name)) {
            if (isArray(name)) {
                boolean[] flags = flags(name);
                if (flags.length != layers) {
                    throw invalid(
                            "The key " + prefix + name + " has " + flags.length + " values, but the model has " + layers + " layers.");
                }
                return flags;
            }
            effective = required(name, 0, layers + 1_000_000);
        }
        for (int i = 0; i < layers; i++) {
            pattern[i] = effective == 0 || i % effective < effective - 1;
        }
        return pattern;
    }

    private boolean[] flags(String name) {
        if (value(name).elementType() == GgufType.BOOL) {
            return metadata.bools(prefix + name).orElseThrow();
        }
        long[] numbers = metadata.integers(prefix + name).orElseThrow();
        boolean[] flags = new boolean[numbers.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = numbers[i] != 0;
        }
        return flags;
    }

    private boolean isArray(String name) {
        return value(name).type() == GgufType.ARRAY;
    }

    private GgufValue value(String name) {
        return metadata.value(prefix + name).orElseThrow();
    }

    private long checked(String name, long value, int min, int max) {
        if (value < min || value > max) {
            throw invalid("The key " + prefix + name + " is " + value + ", but must be from " + min + " to " + max + ".");
        }
        return value;
    }
}
