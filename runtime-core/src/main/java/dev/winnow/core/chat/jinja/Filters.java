package dev.winnow.core.chat.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Jinja's filters: what stands behind a bar. The first argument is the value. */
final class Filters {

    private static final Map<String, Callable> KNOWN = new HashMap<>();
    private static final Pattern REAL = Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    static {
        addTextFilters();
        addNumberFilters();
        ListFilters.addTo(KNOWN);
    }

    private Filters() {}

    static boolean isKnown(String name) {
        return KNOWN.containsKey(name);
    }

    static Object apply(String name, Arguments arguments) {
        Callable filter = KNOWN.get(name);
        if (filter == null) {
            throw JinjaException.of("the filter '" + name + "' is not supported");
        }
        return filter.call(arguments);
    }

    private static void addTextFilters() {
        KNOWN.put("upper", arguments -> TextMethods.upper(printed(arguments)));
        KNOWN.put("lower", arguments -> TextMethods.lower(printed(arguments)));
        KNOWN.put("capitalize", arguments -> TextMethods.capitalize(printed(arguments)));
        KNOWN.put("title", arguments -> TextMethods.title(printed(arguments), c -> "-({[<".indexOf(c) >= 0 || Text.isSpace((char) c)));
        KNOWN.put("trim", arguments -> printed(arguments).strip(
                arguments.get(1, "chars", None.NONE) == None.NONE ? "" : arguments.text(1, "chars").value(), true, true));
        KNOWN.put("replace", arguments -> printed(arguments).replace(Values.print(arguments.require(1, "old")),
                Values.print(arguments.require(2, "new")),
                arguments.get(3, "count", None.NONE) == None.NONE ? -1 : arguments.integer(3, "count", -1)));
        KNOWN.put("string", Filters::printed);
        KNOWN.put("safe", Filters::printed);
        KNOWN.put("escape", Filters::escape);
        KNOWN.put("e", Filters::escape);
        KNOWN.put("indent", Filters::indent);
        KNOWN.put("truncate", Filters::truncate);
        KNOWN.put("center", arguments -> TextMethods.justify(printed(arguments),
                new Arguments(List.of(arguments.integer(1, "width", 80)), Map.of()), "center"));
        KNOWN.put("format", arguments -> PercentFormat.format(Values.text(arguments.require(0, "value")), arguments.named().isEmpty()
                ? new Tuple(arguments.positional().subList(1, arguments.positional().size()))
                : Filters.dict(arguments.named())));
        KNOWN.put("tojson", Json::write);
        KNOWN.put("default", Filters::fallback);
        KNOWN.put("d", Filters::fallback);
        KNOWN.put("attr", arguments -> Attributes.own(arguments.require(0, "value"), arguments.text(1, "name").value()));
    }

    private static Map<Object, Object> dict(Map<String, Object> named) {
        Map<Object, Object> result = new HashMap<>();
        named.forEach((name, value) -> result.put(Text.of(name), value));
        return result;
    }

    private static void addNumberFilters() {
        KNOWN.put("abs", arguments -> Values.compare(arguments.require(0, "value"), 0L) < 0
                ? Operators.negate(arguments.require(0, "value"))
                : arguments.require(0, "value"));
        KNOWN.put("int", Filters::integer);
        KNOWN.put("float", arguments -> {
            Object value = arguments.require(0, "value");
            try {
                return Values.isNumber(value) ? Values.real(value) : real(numeral(value));
            } catch (NumberFormatException e) {
                return arguments.get(1, "default", 0.0);
            }
        });
        KNOWN.put("round", Filters::round);
    }

    private static Text printed(Arguments arguments) {
        return Values.print(arguments.require(0, "value"));
    }

    private static Object escape(Arguments arguments) {
        Text text = printed(arguments);
        TextBuilder result = new TextBuilder();
        for (int i = 0; i < text.value().length(); i++) {
            char c = text.value().charAt(i);
            result.append(switch (c) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '\'' -> "&#39;";
                case '"' -> "&#34;";
                default -> String.valueOf(c);
            }, text.isMarked(i));
        }
        return result.build();
    }

    private static Object fallback(Arguments arguments) {
        Object value = arguments.require(0, "value");
        boolean missing = value instanceof Undefined || (arguments.flag(2, "boolean", false) && !Values.isTrue(value));
        return missing ? arguments.get(1, "default_value", Text.EMPTY) : value;
    }

    private static Object integer(Arguments arguments) {
        Object value = arguments.require(0, "value");
        if (Values.isNumber(value)) {
            return value instanceof Double number ? (Object) whole(number) : Values.integer(value);
        }
        String text = numeral(value);
        try {
            int base = (int) arguments.integer(2, "base", 10);
            String prefix = base == 16 ? "^([-+]?)0[xX]" : base == 8 ? "^([-+]?)0[oO]" : base == 2 ? "^([-+]?)0[bB]" : "^()";
            return Long.parseLong(text.replace("_", "").replaceFirst(prefix, "$1"), base);
        } catch (NumberFormatException e) {
            try {
                return whole(real(text));
            } catch (NumberFormatException e2) {
                return arguments.get(1, "default", 0L);
            }
        }
    }

    /** What Python's int and float read: strings and, by the default of the filters, nothing else. */
    private static String numeral(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        return value instanceof Text text ? text.value().strip() : "";
    }

    private static double real(String text) {
        if (!REAL.matcher(text).matches()) {
            throw new NumberFormatException(text);
        }
        return Double.parseDouble(text);
    }

    private static long whole(double number) {
        if (!(Math.abs(number) < 0x1p63)) {
            throw JinjaException.of("the integer of " + number + " is not a number of 64 bits");
        }
        return (long) number;
    }

    private static Object round(Arguments arguments) {
        Object value = arguments.require(0, "value");
        double number = Values.real(value);
        int precision = Math.clamp(arguments.integer(1, "precision", 0), -300, 300);
        double scale = Math.pow(10, precision);
        return switch (Values.print(arguments.get(2, "method", Text.of("common"))).value()) {
            case "ceil" -> Math.ceil(number * scale) / scale;
            case "floor" -> Math.floor(number * scale) / scale;
            case "common" -> {
                if (Values.isInteger(value) && precision >= 0) {
                    yield Values.integer(value);
                }
                yield Double.isFinite(number) ? new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).doubleValue() : number;
            }
            default -> throw JinjaException.of("the method of the filter 'round' is common, ceil or floor");
        };
    }

    private static Object indent(Arguments arguments) {
        Object width = arguments.get(1, "width", 4L);
        Text indentation = width instanceof Text text ? text : (Text) Operators.binary("*", Text.of(" "), width);
        boolean blank = arguments.flag(3, "blank", false);
        TextBuilder result = new TextBuilder().append(arguments.flag(2, "first", false) ? indentation : Text.EMPTY);
        Callable lines = (Callable) Attributes.get(printed(arguments).plus(Text.of("\n")), "splitlines");
        List<Object> all = Values.items(lines.call(Arguments.NONE));
        for (int i = 0; i < all.size(); i++) {
            Text line = (Text) all.get(i);
            boolean indented = i > 0 && (blank || !line.isEmpty());
            result.append(i == 0 ? "" : "\n").append(indented ? indentation : Text.EMPTY).append(line);
        }
        return result.build();
    }

    private static Object truncate(Arguments arguments) {
        Text text = printed(arguments);
        int length = Math.clamp(arguments.integer(1, "length", 255), 0, Integer.MAX_VALUE);
        Text end = arguments.has(3, "end") ? arguments.text(3, "end") : Text.of("...");
        if (text.length() <= length + arguments.integer(4, "leeway", 5)) {
            return text;
        }
        Text kept = (Text) Operators.slice(text, None.NONE, (long) Math.max(0, length - end.length()), None.NONE);
        if (!arguments.flag(2, "killwords", false)) {
            int space = kept.value().lastIndexOf(' ');
            kept = space < 0 ? kept : kept.substring(0, space);
        }
        return kept.plus(end);
    }
}
