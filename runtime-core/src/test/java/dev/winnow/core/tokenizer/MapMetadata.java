package dev.winnow.core.tokenizer;

import dev.winnow.spi.ModelMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** Metadata for tests: a map. */
final class MapMetadata implements ModelMetadata {

    private final Map<String, Object> values = new LinkedHashMap<>();

    MapMetadata with(String key, Object value) {
        values.put(key, value);
        return this;
    }

    private <T> Optional<T> find(String key, Class<T> type) {
        return Optional.ofNullable(values.get(key)).map(type::cast);
    }

    @Override
    public String architecture() {
        return "llama";
    }

    @Override
    public Set<String> keys() {
        return values.keySet();
    }

    @Override
    public OptionalLong integer(String key) {
        return find(key, Integer.class).map(value -> OptionalLong.of(value)).orElseGet(OptionalLong::empty);
    }

    @Override
    public OptionalDouble real(String key) {
        return OptionalDouble.empty();
    }

    @Override
    public Optional<Boolean> bool(String key) {
        return find(key, Boolean.class);
    }

    @Override
    public Optional<String> string(String key) {
        return find(key, String.class);
    }

    @Override
    public Optional<long[]> integers(String key) {
        return find(key, long[].class).map(long[]::clone);
    }

    @Override
    public Optional<float[]> reals(String key) {
        return find(key, float[].class).map(float[]::clone);
    }

    @Override
    public Optional<boolean[]> bools(String key) {
        return find(key, boolean[].class);
    }

    @Override
    public Optional<String[]> strings(String key) {
        return find(key, String[].class).map(String[]::clone);
    }
}
