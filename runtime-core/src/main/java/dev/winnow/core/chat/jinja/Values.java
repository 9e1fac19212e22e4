package dev.winnow.core.chat.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Python does with values. A value is a {@link Text}, Boolean, Long, Double, List, {@link Tuple}, Map, {@link Namespace}, {@link Callable}, {@link None} or
 * {@link Undefined}.
 */
final class Values {

    /** The characters that Python's repr escapes: white space, controls, and what has no meaning. */
    private static final Set<Integer> UNPRINTABLE = Stream.of(Character.CONTROL, Character.FORMAT, Character.SURROGATE,
            Character.PRIVATE_USE, Character.UNASSIGNED, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
            Character.SPACE_SEPARATOR).map(Byte::intValue).collect(Collectors.toUnmodifiableSet());

    private Values() {}

    static boolean isTrue(Object value) {
        return switch (value) {
            case Boolean flag -> flag;
            case Text text -> !text.isEmpty();
            case Long number -> number != 0;
            case Double number -> number != 0;
            case List<?> list -> !list.isEmpty();
            case Tuple tuple -> !tuple.items().isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case None _,Undefined _ -> false;
            default -> true;
        };
    }

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    static boolean isSequence(Object value) {
        return value instanceof Text || value instanceof List || value instanceof Tuple || value instanceof Map;
    }

    static long integer(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean flag -> flag ? 1 : 0;
            default -> throw JinjaException.of("an integer is expected, not " + typeName(value));
        };
    }

    static double real(Object value) {
        return value instanceof Double number ? number : (double) integer(value);
    }

    static Text text(Object value) {
        if (value instanceof Text text) {
            return text;
        }
        throw value instanceof Undefined undefined
                ? undefined.failure()
                : JinjaException.of("a string is expected, not " + typeName(value));
    }

    /** Python's str. */
    static Text print(Object value) {
        return value instanceof Text text ? text : value instanceof Undefined ? Text.EMPTY : repr(value);
    }

    /** Python's repr. */
    static Text repr(Object value) {
        TextBuilder target = new TextBuilder();
        repr(value, target);
        return target.build();
    }

    private static void repr(Object value, TextBuilder target) {
        switch (value) {
            case Text text -> quote(text, target);
            case Boolean flag -> target.append(flag ? "True" : "False");
            case Double number -> target.append(digits(number));
            case None _ -> target.append("None");
            case Undefined _ -> target.append("Undefined");
            case List<?> list -> repr(list, "[", "]", target);
            case Tuple tuple -> repr(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", target);
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    target.append(separator);
                    repr(entry.getKey(), target);
                    target.append(": ");
                    repr(entry.getValue(), target);
                    separator = ", ";
                }
                target.append(map.isEmpty() ? "{}" : "}");
            }
            case Long number -> target.append(number.toString());
            default -> target.append("<" + typeName(value) + ">");
        }
    }

    private static void repr(List<?> items, String open, String close, TextBuilder target) {
        target.append(open);
        for (int i = 0; i < items.size(); i++) {
            target.append(i == 0 ? "" : ", ");
            repr(Objects.requireNonNull(items.get(i)), target);
        }
        target.append(close);
    }

    private static void quote(Text text, TextBuilder target) {
        String value = text.value();
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        target.append(String.valueOf(quote));
        for (int i = 0; i < value.length();) {
            int c = value.codePointAt(i);
            String escaped = switch (c) {
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case '\\' -> "\\\\";
                default -> c == quote ? "\\" + quote : isPrintable(c) ? Character.toString(c) : escape(c);
            };
            target.append(escaped, text.isMarked(i));
            i += Character.charCount(c);
        }
        target.append(String.valueOf(quote));
    }

    private static boolean isPrintable(int c) {
        return c == ' ' || !UNPRINTABLE.contains(Character.getType(c));
    }

    private static String escape(int c) {
        return String.format(c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }

    /** The shortest digits that stand for the number, with an exponent where Python writes one. */
    private static String digits(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(number);
        if (size != 0 && (size < 1e-4 || size >= 1e16)) {
            BigDecimal decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
            int exponent = decimal.precision() - decimal.scale() - 1;
            String digits = decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString();
            return digits + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        }
        String plain = new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
        return number == 0 ? Double.toString(number) : plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    static boolean isEqual(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            return isInteger(left) && isInteger(right) ? integer(left) == integer(right) : real(left) == real(right);
        }
        return switch (left) {
            case List<?> list -> right instanceof List<?> other && isEqual(list, other);
            case Tuple tuple -> right instanceof Tuple other && isEqual(tuple.items(), other.items());
            case Map<?, ?> map -> right instanceof Map<?, ?> other && isEqual(map, other);
            default -> left.equals(right);
        };
    }

    private static boolean isEqual(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!isEqual(Objects.requireNonNull(left.get(i)), Objects.requireNonNull(right.get(i)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEqual(Map<?, ?> left, Map<?, ?> right) {
        return left.size() == right.size() && left.entrySet().stream().allMatch(entry -> {
            Object value = right.get(entry.getKey());
            return value != null && isEqual(Objects.requireNonNull(entry.getValue()), value);
        });
    }

    static int compare(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            return isInteger(left) && isInteger(right)
                    ? Long.compare(integer(left), integer(right))
                    : Double.compare(real(left), real(right));
        }
        if (left instanceof Text text && right instanceof Text other) {
            return text.compareTo(other);
        }
        if ((left instanceof List && right instanceof List) || (left instanceof Tuple && right instanceof Tuple)) {
            Iterator<Object> others = items(right).iterator();
            for (Object item : items(left)) {
                int order = others.hasNext() ? compare(item, others.next()) : 1;
                if (order != 0) {
                    return order;
                }
            }
            return others.hasNext() ? -1 : 0;
        }
        throw JinjaException.of(typeName(left) + " and " + typeName(right) + " cannot be compared");
    }

    static boolean contains(Object container, Object item) {
        return switch (container) {
            case Text text -> text.value().contains(text(item).value());
            case Map<?, ?> map -> map.containsKey(item);
            default -> items(container).stream().anyMatch(other -> isEqual(item, other));
        };
    }

    /** Returns what a loop over a value visits. */
    static List<Object> items(Object value) {
        return switch (value) {
            case List<?> list -> java.util.Collections.unmodifiableList(list);
            case Tuple tuple -> tuple.items();
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case Text text -> {
                List<Object> characters = new ArrayList<>();
                for (int i = 0; i < text.value().length();) {
                    int next = text.value().offsetByCodePoints(i, 1);
                    characters.add(text.substring(i, next));
                    i = next;
                }
                yield characters;
            }
            case Undefined _ -> List.of();
            default -> throw JinjaException.of(typeName(value) + " cannot be iterated");
        };
    }

    static int length(Object value) {
        return switch (value) {
            case Text text -> text.length();
            case Map<?, ?> map -> map.size();
            default -> items(value).size();
        };
    }

    static String typeName(Object value) {
        return switch (value) {
            case Text _ -> "a string";
            case Boolean _ -> "a boolean";
            case Long _ -> "an integer";
            case Double _ -> "a float";
            case List<?> _ -> "a list";
            case Tuple _ -> "a tuple";
            case Map<?, ?> _ -> "a dict";
            case None _ -> "None";
            case Undefined _ -> "an undefined value";
            case Namespace _ -> "a namespace";
            default -> "a function";
        };
    }
}
