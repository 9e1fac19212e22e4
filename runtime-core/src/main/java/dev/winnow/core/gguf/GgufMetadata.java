package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The key-value pairs of a file, in file order. Those of an open file are valid until it is closed. Immutable and thread-safe. */
public final class GgufMetadata implements ModelMetadata {

    static final String ARCHITECTURE = "general.architecture";
    static final String ALIGNMENT = "general.alignment";
    static final long DEFAULT_ALIGNMENT = 32;

    private final Map<String, GgufValue> values;

    GgufMetadata(Map<String, GgufValue> values) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Starts metadata in memory. */
    public static Builder builder() {
        return new Builder(Map.of());
    }

    /** Starts metadata in memory with a copy of these pairs; a key that is set again keeps its place. */
    public Builder toBuilder() {
        return new Builder(values);
    }

    /** Returns every key with its typed value, in file order. */
    public Map<String, GgufValue> values() {
        return values;
    }

    /** Returns the typed value of a key of any type. */
    public Optional<GgufValue> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public String architecture() {
        return string(ARCHITECTURE).orElseThrow(() -> new WinnowException(WinnowException.Kind.MODEL,
                "The key general.architecture is missing; the file is not a language model or was converted incorrectly."));
    }

    @Override
    public Set<String> keys() {
        return values.keySet();
    }

    @Override
    public OptionalLong integer(String key) {
        GgufValue value = scalar(key, GgufType::isInteger, "an integer");
        if (value == null) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(longAt(key, value, 0));
    }

    @Override
    public OptionalDouble real(String key) {
        GgufValue value = scalar(key, GgufType::isReal, "a real number");
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value.realAt(0));
    }

    @Override
    public Optional<Boolean> bool(String key) {
        return Optional.ofNullable(scalar(key, type -> type == GgufType.BOOL, "a boolean")).map(value -> value.boolAt(0));
    }

    @Override
    public Optional<String> string(String key) {
        return Optional.ofNullable(scalar(key, type -> type == GgufType.STRING, "a string")).map(GgufValue::string);
    }

    @Override
    public Optional<long[]> integers(String key) {
        GgufValue value = array(key, GgufType::isInteger, "an array of integers");
        if (value == null) {
            return Optional.empty();
        }
        long[] result = new long[value.arrayLength(Long.BYTES)];
        for (int i = 0; i < result.length; i++) {
            result[i] = longAt(key, value, i);
        }
        return Optional.of(result);
    }

    @Override
    public Optional<float[]> reals(String key) {
        GgufValue value = array(key, type -> type == GgufType.F32, "an array of f32");
        if (value == null) {
            return Optional.empty();
        }
        float[] result = new float[value.arrayLength(Float.BYTES)];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) value.realAt(i);
        }
        return Optional.of(result);
    }

    @Override
    public Optional<boolean[]> bools(String key) {
        GgufValue value = array(key, type -> type == GgufType.BOOL, "an array of booleans");
        if (value == null) {
            return Optional.empty();
        }
        boolean[] result = new boolean[value.arrayLength(1)];
        for (int i = 0; i < result.length; i++) {
            result[i] = value.boolAt(i);
        }
        return Optional.of(result);
    }

    @Override
    public Optional<String[]> strings(String key) {
        return stringBytes(key).map(encoded -> {
            String[] result = new String[encoded.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = new String(encoded[i], StandardCharsets.UTF_8);
            }
            return result;
        });
    }

    /** Returns an array of strings as the bytes of the file, which need not be valid UTF-8; empty when the key is absent. */
    public Optional<byte[][]> stringBytes(String key) {
        return Optional.ofNullable(array(key, type -> type == GgufType.STRING, "an array of strings")).map(GgufValue::stringBytes);
    }

    /** Returns the checked alignment of tensor data: {@code general.alignment} or 32. */
    long alignment() {
        GgufValue value = values.get(ALIGNMENT);
        if (value == null) {
            return DEFAULT_ALIGNMENT;
        }
        if (value.type() != GgufType.U32) {
            throw wrongType(ALIGNMENT, value, "a u32");
        }
        long alignment = value.integerAt(0);
        if (Long.bitCount(alignment) != 1) {
            throw new WinnowException(WinnowException.Kind.MODEL, "general.alignment is " + alignment + " but must be a power of two.");
        }
        return alignment;
    }

    private static long longAt(String key, GgufValue value, long index) {
        long result = value.integerAt(index);
        if (result < 0 && value.elementType() == GgufType.U64) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The value " + Long.toUnsignedString(result) + " of key " + key + " is too large; the largest is "
                            + Long.MAX_VALUE + ".");
        }
        return result;
    }

    private @Nullable GgufValue scalar(String key, Predicate<GgufType> accepted, String expected) {
        GgufValue value = values.get(key);
        if (value != null && (value.isArray() || !accepted.test(value.type()))) {
            throw wrongType(key, value, expected);
        }
        return value;
    }

    private @Nullable GgufValue array(String key, Predicate<GgufType> accepted, String expected) {
        GgufValue value = values.get(key);
        if (value != null && (!value.isArray() || !accepted.test(value.elementType()))) {
            throw wrongType(key, value, expected);
        }
        return value;
    }

    private static WinnowException wrongType(String key, GgufValue value, String expected) {
        return new WinnowException(WinnowException.Kind.MODEL,
                "key " + key + " has type " + value.typeName() + " but " + expected + " is expected");
    }

    /** Collects metadata in memory. Not thread-safe. */
    public static final class Builder {

        private final Map<String, GgufValue> values;

        private Builder(Map<String, GgufValue> values) {
            this.values = new LinkedHashMap<>(values);
        }

        /** Sets or replaces a key, which is not empty. */
        public Builder set(String key, GgufValue value) {
            if (key.isEmpty()) {
                throw new IllegalArgumentException("a metadata key is empty");
            }
            values.put(key, value);
            return this;
        }

        /** Removes a key if it is present. */
        public Builder remove(String key) {
            values.remove(key);
            return this;
        }

        /** Returns the pairs collected so far. */
        public GgufMetadata build() {
            return new GgufMetadata(values);
        }
    }
}
