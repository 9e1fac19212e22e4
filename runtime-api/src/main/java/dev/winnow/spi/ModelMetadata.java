package dev.winnow.spi;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The typed metadata of a model file (the GGUF key-value pairs). Every accessor returns empty for an absent key and throws an unchecked exception with one
 * clear sentence for a key of another type. Immutable and thread-safe.
 */
public interface ModelMetadata {

    /** Returns {@code general.architecture}, for example {@code llama}; the prefix of the architecture's own keys. */
    String architecture();

    /** Returns every key, in file order. */
    Set<String> keys();

    /** Returns an integer of any GGUF width; u64 values above {@link Long#MAX_VALUE} are an error. */
    OptionalLong integer(String key);

    /** Returns an f32 or f64. */
    OptionalDouble real(String key);

    /** Returns a boolean. */
    Optional<Boolean> bool(String key);

    /** Returns a string. */
    Optional<String> string(String key);

    /** Returns an array of integers of any width, widened. */
    Optional<long[]> integers(String key);

    /** Returns an array of f32. */
    Optional<float[]> reals(String key);

    /** Returns an array of booleans. */
    Optional<boolean[]> bools(String key);

    /** Returns an array of strings. */
    Optional<String[]> strings(String key);
}
