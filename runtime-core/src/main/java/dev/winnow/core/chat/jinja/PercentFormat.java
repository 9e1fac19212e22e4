package dev.winnow.core.chat.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code format % values}. */
final class PercentFormat {

    private final Text format;
    private final Object values;
    private final List<Object> arguments;
    private final TextBuilder result = new TextBuilder();
    private int used;

    private PercentFormat(Text format, Object values) {
        this.format = format;
        this.values = values;
        this.arguments = values instanceof Tuple tuple ? tuple.items() : List.of(values);
    }

    static Text format(Text format, Object values) {
        return new PercentFormat(format, values).format();
    }

    private Text format() {
        String text = format.value();
        int from = 0;
        for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', from)) {
            result.append(format.substring(from, at));
            from = directive(at + 1);
        }
        if (used < arguments.size() && !(values instanceof Map)) {
            throw JinjaException.of("the format does not use all of its arguments");
        }
        return result.append(format.substring(from, text.length())).build();
    }

    /** Formats the directive whose character behind the percent sign is at an index; returns the index behind it. */
    private int directive(int start) {
        String text = format.value();
        int at = start;
        Object named = null;
        if (text.startsWith("(", at)) {
            int close = text.indexOf(')', at);
            if (close < 0) {
                throw JinjaException.of("the format has no end");
            }
            named = Operators.item(values, format.substring(at + 1, close));
            at = close + 1;
        }
        int flags = at;
        while (at < text.length() && "-+ 0#.123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (at >= text.length()) {
            throw JinjaException.of("the format has no end");
        }
        char kind = text.charAt(at);
        if (kind == '%') {
            result.append("%");
            return at + 1;
        }
        if (named == null) {
            if (used >= arguments.size()) {
                throw JinjaException.of("the format has too few arguments");
            }
            named = arguments.get(used++);
        }
        append(text.substring(flags, at), kind, named);
        return at + 1;
    }

    private void append(String flags, char kind, Object value) {
        Text text = switch (kind) {
            case 's' -> Values.print(value);
            case 'r' -> Values.repr(value);
            case 'd', 'i', 'u' -> number(flags, 'd', value instanceof Double number ? (Object) number.longValue() : Values.integer(value));
            case 'x', 'X', 'o' -> number(flags, kind, BigInteger.valueOf(Values.integer(value)));
            case 'f', 'e', 'F', 'E' -> number(flags, kind == 'F' ? 'f' : kind, Values.real(value));
            default -> throw JinjaException.of("the format %" + kind + " is not supported");
        };
        if (kind != 's' && kind != 'r') {
            result.append(text);
            return;
        }
        int point = flags.indexOf('.');
        long most = point < 0 ? text.length() : Math.min(text.length(), digits(flags.substring(point + 1)));
        Text cut = text.substring(0, text.value().offsetByCodePoints(0, (int) most));
        long width = digits((point < 0 ? flags : flags.substring(0, point)).replaceAll("[-+ 0#]*", ""));
        result.append(TextMethods.justify(cut, new Arguments(List.of(width), Map.of()), flags.startsWith("-") ? "ljust" : "rjust"));
    }

    private static long digits(String digits) {
        return digits.isEmpty() ? 0 : digits.length() > 9 ? TextBuilder.LIMIT : Long.parseLong(digits);
    }

    private static Text number(String flags, char kind, Object value) {
        if (flags.replaceAll("[^0-9]+", " ").strip().length() > 6) {
            throw JinjaException.of("the width of the format is too large");
        }
        try {
            return Text.of(String.format(Locale.ROOT, "%" + flags + kind, value));
        } catch (IllegalArgumentException e) {
            throw JinjaException.of("the format %" + flags + kind + " is not supported");
        }
    }
}
