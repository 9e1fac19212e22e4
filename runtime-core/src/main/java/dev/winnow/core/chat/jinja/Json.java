package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Python's json.dumps, as the filter {@code tojson} calls it for chat templates. */
final class Json {

    private final String indent; // of one level; empty for everything on one line
    private final Text itemSeparator;
    private final Text keySeparator;
    private final boolean ascii;
    private final boolean sorted;
    private final TextBuilder target = new TextBuilder();

    private Json(Arguments arguments) {
        arguments.allow(5, "ensure_ascii", "indent", "separators", "sort_keys");
        Object spaces = arguments.get(2, "indent", None.NONE);
        this.ascii = arguments.flag(1, "ensure_ascii", false);
        this.indent = switch (spaces) {
            case None _ -> "";
            case Text text -> text.value();
            default -> " ".repeat(Math.clamp(Values.integer(spaces), 0, 100));
        };
        Object separators = arguments.get(3, "separators", None.NONE);
        boolean custom = separators != None.NONE;
        this.itemSeparator = custom ? Values.text(Operators.item(separators, 0L)) : Text.of(indent.isEmpty() ? ", " : ",");
        this.keySeparator = custom ? Values.text(Operators.item(separators, 1L)) : Text.of(": ");
        this.sorted = arguments.flag(4, "sort_keys", false);
    }

    static Text write(Arguments arguments) {
        Json json = new Json(arguments);
        json.value(arguments.require(0, "value"), "\n");
        return json.target.build();
    }

    private void value(Object value, String line) {
        switch (value) {
            case Text text -> string(text);
            case None _ -> target.append("null");
            case Boolean flag -> target.append(flag.toString());
            case Double number when Double.isNaN(number) -> target.append("NaN");
            case Double number when Double.isInfinite(number) -> target.append(number > 0 ? "Infinity" : "-Infinity");
            case Long _,Double _ -> target.append(Values.print(value));
            case List<?> list -> items(list, line);
            case Tuple tuple -> items(tuple.items(), line);
            case Map<?, ?> map -> entries(map, line);
            default -> throw JinjaException.of(Values.typeName(value) + " cannot be written as JSON");
        }
    }

    private void items(List<?> items, String line) {
        if (items.isEmpty()) {
            target.append("[]");
            return;
        }
        target.append("[");
        for (int i = 0; i < items.size(); i++) {
            separate(i, line);
            value(Objects.requireNonNull(items.get(i)), line + indent);
        }
        target.append(indent.isEmpty() ? "]" : line + "]");
    }

    private void entries(Map<?, ?> map, String line) {
        if (map.isEmpty()) {
            target.append("{}");
            return;
        }
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort(Comparator.comparing(entry -> Values.print(Objects.requireNonNull(entry.getKey()))));
        }
        target.append("{");
        for (int i = 0; i < entries.size(); i++) {
            separate(i, line);
            Object key = Objects.requireNonNull(entries.get(i).getKey());
            if (key instanceof Text text) {
                string(text);
            } else {
                target.append("\"");
                value(key, line);
                target.append("\"");
            }
            target.append(keySeparator);
            value(Objects.requireNonNull(entries.get(i).getValue()), line + indent);
        }
        target.append(indent.isEmpty() ? "}" : line + "}");
    }

    private void separate(int index, String line) {
        target.append(index == 0 ? Text.EMPTY : itemSeparator).append(indent.isEmpty() ? "" : line + indent);
    }

    private void string(Text text) {
        target.append("\"");
        String value = text.value();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            String escaped = switch (c) {
                case '"' -> "\\\"";
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\b' -> "\\b";
                case '\f' -> "\\f";
                default -> c < ' ' || (ascii && c > '~') ? String.format("\\u%04x", (int) c) : String.valueOf(c);
            };
            target.append(escaped, text.isMarked(i));
        }
        target.append("\"");
    }
}
