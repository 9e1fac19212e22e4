package dev.winnow.core.profile;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON (RFC 8259) as far as profiles need it: one object whose values are texts and numbers. Not Jackson, because every session may read a profile, and programs
 * that only generate text run without Jackson on their class path.
 */
final class FlatJson {

    private static final String TEXT = "\"((?:[^\"\\\\\\p{Cntrl}]|\\\\[\"\\\\/])*+)\"";
    private static final Pattern FIELD = Pattern
            .compile("\\s*+" + TEXT + "\\s*+:\\s*+(?:" + TEXT + "|(-?\\d++(?:\\.\\d++)?(?:[eE][-+]?\\d++)?))\\s*+");

    private FlatJson() {}

    /**
     * Reads an object.
     *
     * @return texts as {@link String}, numbers as {@link Double}
     * @throws IllegalArgumentException if the text is anything else; the message says where it stops being one
     */
    static Map<String, Object> parse(String json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        String body = json.strip();
        if (!body.startsWith("{") || !body.endsWith("}") || body.length() < 2) {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        Matcher field = FIELD.matcher(body).region(1, body.length() - 1);
        int at = 1;
        while (field.lookingAt()) {
            String name = unescape(field.group(1));
            Object value = field.group(2) != null ? (Object) unescape(field.group(2)) : (Object) Double.valueOf(field.group(3));
            if (fields.put(name, value) != null) {
                throw new IllegalArgumentException("it has '" + name + "' twice");
            }
            at = field.end();
            if (at == body.length() - 1) {
                return fields;
            }
            if (body.charAt(at) != ',') {
                break;
            }
            field.region(at + 1, body.length() - 1);
        }
        throw new IllegalArgumentException("its JSON is wrong, or not as simple as a profile's, at character " + at);
    }

    private static String unescape(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }

    /** Writes an object whose values are texts and numbers. */
    static String write(Map<String, Object> fields) {
        StringBuilder json = new StringBuilder("{\n");
        fields.forEach((name, value) -> json.append(json.length() > 2 ? ",\n" : "").append("  ").append(quoted(name)).append(": ")
                .append(value instanceof Double number ? number(number) : quoted(value.toString())));
        return json.append("\n}\n").toString();
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value) : Double.toString(value);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
