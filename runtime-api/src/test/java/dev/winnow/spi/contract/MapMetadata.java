package dev.winnow.spi.contract;

import dev.winnow.spi.ModelMetadata;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** Metadata from a map: {@code Long}, {@code Double}, {@code Boolean}, {@code String} or an array of what {@link ModelMetadata} returns. */
public final class MapMetadata implements ModelMetadata {

    private final String architecture;
    private final Map<String, Object> values;

    /** Copies the values. */
    public MapMetadata(String architecture, Map<String, ?> values) {
        this.architecture = architecture;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Returns the same metadata with one value more, or another one. */
    public MapMetadata with(String key, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(values);
        more.put(key, value);
        return new MapMetadata(architecture, more);
    }

    private <T> Optional<T> value(String key, Class<T> type) {
        Object value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("the metadata key '" + key + "' is not of type " + type.getSimpleName());
        }
        return Optional.of(type.cast(value));
    }

    @Override
    public String architecture() {
        return architecture;
    }

    @Override
    public Set<String> keys() {
        return values.keySet();
    }

    @Override
    public OptionalLong integer(String key) {
        return value(key, Long.class).map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    @Override
    public OptionalDouble real(String key) {
        return value(key, Double.class).map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    }

    @Override
    public Optional<Boolean> bool(String key) {
        return value(key, Boolean.class);
    }

    @Override
    public Optional<String> string(String key) {
        return value(key, String.class);
    }

    @Override
    public Optional<long[]> integers(String key) {
        return value(key, long[].class);
    }

    @Override
    public Optional<float[]> reals(String key) {
        return value(key, float[].class);
    }

    @Override
    public Optional<boolean[]> bools(String key) {
        return value(key, boolean[].class);
    }

    @Override
    public Optional<String[]> strings(String key) {
        return value(key, String[].class);
    }
}
