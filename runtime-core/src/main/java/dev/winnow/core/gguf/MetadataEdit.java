package dev.winnow.core.gguf;

import dev.winnow.api.WinnowException;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One change of metadata: set a key, or remove it when {@code value} is null.
 *
 * @param key the key
 * @param value the new value, or null
 */
public record MetadataEdit(String key, @Nullable GgufValue value) {

    private static final BigInteger TWO_TO_32 = BigInteger.ONE.shiftLeft(32);

    /** Returns an edit that removes a key. */
    public static MetadataEdit remove(String key) {
        return new MetadataEdit(key, null);
    }

    /**
     * Parses {@code key=value} or {@code key:type=value}. The types are u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, bool, string and these followed by
     * {@code []}. Without a type, a key that exists keeps its type; otherwise {@code true} and {@code false} are bool, integers the first of u32, i32, u64 and
     * i64 that holds them, other numbers f32, and anything else a string. Elements of an array are separated by commas, with or without brackets around them.
     *
     * @throws WinnowException of kind USAGE when the text has another form or the value does not fit the type
     */
    public static MetadataEdit parse(String text, GgufMetadata existing) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw usage("The metadata setting '" + text + "' is not of the form key=value or key:type=value.");
        }
        String key = text.substring(0, equals);
        String value = text.substring(equals + 1);
        int colon = key.lastIndexOf(':');
        String typeName;
        if (colon > 0 && !existing.keys().contains(key)) {
            typeName = key.substring(colon + 1);
            key = key.substring(0, colon);
        } else {
            GgufValue current = existing.values().get(key);
            typeName = current == null ? infer(value) : current.typeName();
        }
        return new MetadataEdit(key, parseValue(key, typeName, value));
    }

    private static String infer(String value) {
        if (value.equals("true") || value.equals("false")) {
            return GgufType.BOOL.label();
        }
        if (value.matches("[+-]?[0-9]+")) {
            BigInteger integer = new BigInteger(value);
            if (integer.signum() < 0) {
                return integer.bitLength() < Integer.SIZE ? GgufType.I32.label() : GgufType.I64.label();
            }
            return integer.compareTo(TWO_TO_32) < 0 ? GgufType.U32.label() : GgufType.U64.label();
        }
        boolean real = value.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
        return real ? GgufType.F32.label() : GgufType.STRING.label();
    }

    private static GgufValue parseValue(String key, String typeName, String text) {
        boolean array = typeName.endsWith("[]");
        GgufType type = GgufType.ofLabel(array ? typeName.substring(0, typeName.length() - 2) : typeName.toLowerCase(Locale.ROOT));
        if (type == null || type == GgufType.ARRAY) {
            throw usage("The type '" + typeName + "' of key " + key
                    + " is unknown; use u8, i8, u16, i16, u32, i32, u64, i64, f32, f64, bool, string, or one of them followed by [].");
        }
        List<String> parts = array ? elements(text, type) : List.of(text);
        try {
            GgufValue values = parseElements(type, parts);
            return array ? values : values.scalar();
        } catch (IllegalArgumentException e) {
            throw usage("The value '" + text + "' of key " + key + " is not a valid " + typeName + ".");
        }
    }

    private static List<String> elements(String text, GgufType type) {
        String inner = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        if (inner.isEmpty()) {
            return List.of();
        }
        List<String> parts = List.of(inner.split(",", -1));
        return type == GgufType.STRING ? parts : parts.stream().map(String::strip).toList();
    }

    private static GgufValue parseElements(GgufType type, List<String> parts) {
        return switch (type) {
            case BOOL -> {
                boolean[] values = new boolean[parts.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = parseBool(parts.get(i));
                }
                yield GgufValue.bools(values);
            }
            case F32 -> {
                float[] values = new float[parts.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.parseFloat(parts.get(i));
                }
                yield GgufValue.reals(values);
            }
            case F64 -> GgufValue.reals64(parts.stream().mapToDouble(Double::parseDouble).toArray());
            case STRING -> GgufValue.strings(parts.toArray(new String[0]));
            case U64 -> GgufValue.integers(type, parts.stream().mapToLong(Long::parseUnsignedLong).toArray());
            default -> GgufValue.integers(type, parts.stream().mapToLong(Long::parseLong).toArray());
        };
    }

    private static boolean parseBool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
