package dev.winnow.launcher.convert;

import dev.winnow.api.WinnowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object of a file; values of a wrong kind are one sentence that names file and key. A key whose value is null counts as absent, as in Python's
 * transformers. Immutable.
 */
final class JsonObject {

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /** What Jackson says inside a message of another place, which it does not know for bytes. */
    private static final Pattern OTHER_PLACE = Pattern.compile(" \\([^(]* at \\[Source: [^\\]]*]\\)");

    private final Path file;
    private final String prefix; // of keys in messages
    private final JsonNode node;

    private JsonObject(Path file, String prefix, JsonNode node) {
        this.file = file;
        this.prefix = prefix;
        this.node = node;
    }

    /** Reads a file that holds one object. */
    static JsonObject read(Path file) {
        try {
            return parse(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The file " + file + " cannot be read; check that it exists and its permissions.", e);
        }
    }

    /** Reads an object from bytes of a file. */
    static JsonObject parse(Path file, byte[] text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (!node.isObject()) {
                throw Defects.in(file, "does not hold a JSON object");
            }
            return new JsonObject(file, "", node);
        } catch (JacksonException e) {
            throw Defects.in(file, "is not valid JSON at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr()
                    + " (" + OTHER_PLACE.matcher(e.getOriginalMessage().lines().findFirst().orElse("")).replaceAll("") + ")");
        }
    }

    Path file() {
        return file;
    }

    Set<Map.Entry<String, JsonNode>> entries() {
        return node.properties();
    }

    boolean has(String key) {
        return find(key) != null;
    }

    @Nullable
    JsonNode find(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    WinnowException wrong(String key, String expected) {
        return Defects.in(file, "has a value of '" + prefix + key + "' that is not " + expected);
    }

    WinnowException missing(String key) {
        return Defects.in(file, "has no '" + prefix + key + "'");
    }

    OptionalLong integer(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(key, "an integer");
        }
        return OptionalLong.of(value.longValue());
    }

    /** Returns an integer from {@code min} to {@code max}. */
    int integer(String key, int fallback, int min, int max) {
        long value = integer(key).orElse(fallback);
        if (value < min || value > max) {
            throw wrong(key, "from " + min + " to " + max);
        }
        return (int) value;
    }

    OptionalDouble real(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(key, "a number");
        }
        return OptionalDouble.of(value.doubleValue());
    }

    Optional<String> text(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw wrong(key, "a string");
        }
        return Optional.of(value.stringValue());
    }

    Optional<Boolean> bool(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return Optional.of(value.booleanValue());
    }

    Optional<JsonObject> object(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            throw wrong(key, "an object");
        }
        return Optional.of(new JsonObject(file, prefix + key + ".", value));
    }

    /** Returns the elements of an array; empty if it is absent. */
    List<JsonNode> list(String key) {
        JsonNode value = find(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            throw wrong(key, "an array");
        }
        List<JsonNode> elements = new ArrayList<>();
        value.forEach(elements::add);
        return elements;
    }

    /** Returns the elements of an array of objects; empty if it is absent. */
    List<JsonObject> objects(String key) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonNode element : list(key)) {
            if (!element.isObject()) {
                throw wrong(key, "an array of objects");
            }
            objects.add(new JsonObject(file, prefix + key + "[" + objects.size() + "].", element));
        }
        return objects;
    }
}
