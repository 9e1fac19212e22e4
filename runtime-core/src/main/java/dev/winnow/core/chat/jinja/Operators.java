package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's operators, indexing and slicing. */
final class Operators {

    /** The longest list that a template may make by repetition. */
    private static final long LIMIT = 1 << 20;

    private Operators() {}

    static Object binary(String operator, Object left, Object right) {
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        return switch (operator) {
            case "+" -> plus(left, right);
            case "*" -> times(left, right);
            case "%" -> left instanceof Text format ? PercentFormat.format(format, right) : number(operator, left, right);
            default -> number(operator, left, right);
        };
    }

    private static Object plus(Object left, Object right) {
        if (left instanceof Text text && right instanceof Text other) {
            return text.plus(other);
        }
        if (left instanceof List<?> list && right instanceof List<?> other) {
            List<Object> all = new ArrayList<>(list);
            all.addAll(other);
            return all;
        }
        if (left instanceof Tuple tuple && right instanceof Tuple other) {
            List<Object> all = new ArrayList<>(tuple.items());
            all.addAll(other.items());
            return new Tuple(all);
        }
        return number("+", left, right);
    }

    private static Object times(Object left, Object right) {
        if (Values.isInteger(left) && !Values.isNumber(right)) {
            return times(right, left);
        }
        if (!Values.isInteger(right)) {
            return number("*", left, right);
        }
        long count = Math.max(0, Values.integer(right));
        return switch (left) {
            case Text text -> {
                limit(text.value().length(), count);
                TextBuilder result = new TextBuilder();
                for (long i = 0; i < count; i++) {
                    result.append(text);
                }
                yield result.build();
            }
            case List<?> list -> repeat(list, count);
            case Tuple tuple -> new Tuple(repeat(tuple.items(), count));
            default -> number("*", left, right);
        };
    }

    private static List<Object> repeat(List<?> list, long count) {
        limit(list.size(), count);
        List<Object> result = new ArrayList<>();
        for (long i = 0; i < count && !list.isEmpty(); i++) {
            result.addAll(list);
        }
        return result;
    }

    private static void limit(long size, long count) {
        if (size * count > LIMIT || count > LIMIT) {
            throw JinjaException.of("the repetition becomes too long");
        }
    }

    private static Object number(String operator, Object left, Object right) {
        if (!Values.isNumber(left) || !Values.isNumber(right)) {
            throw JinjaException
                    .of("the operator " + operator + " is not defined for " + Values.typeName(left) + " and " + Values.typeName(right));
        }
        try {
            return Values.isInteger(left) && Values.isInteger(right) && !operator.equals("/")
                    ? integer(operator, Values.integer(left), Values.integer(right))
                    : real(operator, Values.real(left), Values.real(right));
        } catch (ArithmeticException e) {
            throw JinjaException.of("the result of " + operator + " is not a number of 64 bits");
        }
    }

    private static Object integer(String operator, long left, long right) {
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            default -> right < 0 ? (Object) Math.pow((double) left, (double) right) : (Object) power(left, right);
        };
    }

    private static long power(long base, long exponent) {
        if (base >= -1 && base <= 1) {
            return exponent == 0 || (exponent & 1) == 0 && base == -1 ? 1 : base;
        }
        long result = 1;
        for (long i = 0; i < exponent; i++) {
            result = Math.multiplyExact(result, base); // fails within 63 steps if the exponent is large
        }
        return result;
    }

    private static Object real(String operator, double left, double right) {
        if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new ArithmeticException();
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - right * Math.floor(left / right);
            default -> Math.pow(left, right);
        };
    }

    static Object negate(Object value) {
        return value instanceof Double number ? (Object) (-number) : number("-", 0L, value);
    }

    static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.isEqual(left, right);
            case "!=" -> !Values.isEqual(left, right);
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            case "<" -> Values.compare(left, right) < 0;
            case "<=" -> Values.compare(left, right) <= 0;
            case ">" -> Values.compare(left, right) > 0;
            default -> Values.compare(left, right) >= 0;
        };
    }

    /** What stands in brackets; an element that does not exist is undefined. */
    static Object item(Object value, Object key) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object item = switch (value) {
            case Map<?, ?> map -> map.get(key);
            case Text text when Values.isInteger(key) -> {
                long index = index(Values.integer(key), text.length());
                yield index < 0 ? null : text.codePoint((int) index);
            }
            case List<?> list when Values.isInteger(key) -> at(list, Values.integer(key));
            case Tuple tuple when Values.isInteger(key) -> at(tuple.items(), Values.integer(key));
            default -> null;
        };
        if (item != null) {
            return item;
        }
        return key instanceof Text name
                ? Attributes.get(value, name.value())
                : new Undefined("the element " + Values.repr(key) + " of " + Values.typeName(value));
    }

    private static @Nullable Object at(List<?> list, long key) {
        long index = index(key, list.size());
        return index < 0 ? null : list.get((int) index);
    }

    private static long index(long key, int size) {
        long index = key < 0 ? key + size : key;
        return index >= size ? -1 : Math.max(-1, index);
    }

    /** {@code value[start:stop:step]}; {@link None} for what is left out. */
    static Object slice(Object value, Object start, Object stop, Object step) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        List<Object> items = Values.items(value);
        int size = items.size();
        long by = step == None.NONE ? 1 : Math.clamp(Values.integer(step), -size - 1L, size + 1L);
        if (by == 0) {
            throw JinjaException.of("the step of a slice is zero");
        }
        long from = bound(start, size, by > 0 ? 0 : size - 1, by);
        long to = bound(stop, size, by > 0 ? size : -1, by);
        if (by == 1 && value instanceof Text text) {
            int first = text.value().offsetByCodePoints(0, (int) from);
            return text.substring(first, text.value().offsetByCodePoints(0, (int) Math.max(from, to)));
        }
        List<Object> result = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            result.add(items.get((int) i));
        }
        return switch (value) {
            case Text _ -> {
                TextBuilder text = new TextBuilder();
                result.forEach(item -> text.append((Text) item));
                yield text.build();
            }
            case Tuple _ -> new Tuple(result);
            case List<?> _ -> result;
            default -> throw JinjaException.of(Values.typeName(value) + " cannot be sliced");
        };
    }

    private static long bound(Object bound, int size, long fallback, long step) {
        if (bound == None.NONE) {
            return fallback;
        }
        long index = Values.integer(bound);
        index = index < 0 ? Math.max(index + size, -1) : index;
        return step > 0 ? Math.clamp(index, 0, size) : Math.clamp(index, -1, size - 1L);
    }
}
