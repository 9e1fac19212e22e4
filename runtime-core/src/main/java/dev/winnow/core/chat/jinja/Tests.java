package dev.winnow.core.chat.jinja;

import java.util.List;
import java.util.Map;

/** Jinja's tests: what stands behind {@code is}. */
final class Tests {

    private static final List<String> COMPARISONS = List.of("==", "eq", "equalto", "!=", "ne", "<", "lt", "lessthan", "<=", "le", ">", "gt",
            "greaterthan", ">=", "ge", "in");

    private Tests() {}

    static boolean isKnown(String name) {
        try {
            apply(name, new Arguments(List.of(0L, 1L), Map.of()));
            return true;
        } catch (JinjaException e) {
            return COMPARISONS.contains(name);
        }
    }

    /** Applies a test; the first argument is the value. */
    static boolean apply(String name, Arguments arguments) {
        Object value = arguments.positional().getFirst();
        if (COMPARISONS.contains(name)) {
            return Operators.compare(operator(name), value, arguments.require(1, "other"));
        }
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "number" -> Values.isNumber(value);
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof Map;
            case "sequence", "iterable" -> Values.isSequence(value) || value instanceof Undefined;
            case "callable" -> value instanceof Callable;
            case "sameas" -> isSame(value, arguments.require(1, "other"));
            case "even" -> Math.floorMod(Values.integer(value), 2L) == 0;
            case "odd" -> Math.floorMod(Values.integer(value), 2L) == 1;
            case "divisibleby" -> Operators.binary("%", value, arguments.require(1, "num")) instanceof Long rest && rest == 0;
            case "lower" ->
                Attributes.get(Values.print(value), "islower") instanceof Callable method && Values.isTrue(method.call(Arguments.NONE));
            case "upper" ->
                Attributes.get(Values.print(value), "isupper") instanceof Callable method && Values.isTrue(method.call(Arguments.NONE));
            case "escaped" -> false;
            case "filter" -> Filters.isKnown(Values.text(value).value());
            case "test" -> isKnown(Values.text(value).value());
            default -> throw JinjaException.of("the test '" + name + "' is not supported");
        };
    }

    /** Python's {@code is}: what cannot change is the same if it is equal. */
    @SuppressWarnings("ReferenceEquality") // identity is what the test asks for
    private static boolean isSame(Object value, Object other) {
        return value == other || (!(value instanceof List) && !(value instanceof Map) && value.equals(other));
    }

    private static String operator(String name) {
        return switch (name) {
            case "eq", "equalto" -> "==";
            case "ne" -> "!=";
            case "lt", "lessthan" -> "<";
            case "le" -> "<=";
            case "gt", "greaterthan" -> ">";
            case "ge" -> ">=";
            default -> name;
        };
    }
}
