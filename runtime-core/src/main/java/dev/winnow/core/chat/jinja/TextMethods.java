package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/** The methods of Python's str that templates use. */
final class TextMethods {

    private TextMethods() {}

    static @Nullable Callable find(Text text, String name) {
        return switch (name) {
            case "strip" -> arguments -> text.strip(characters(arguments), true, true);
            case "lstrip" -> arguments -> text.strip(characters(arguments), true, false);
            case "rstrip" -> arguments -> text.strip(characters(arguments), false, true);
            case "split" -> arguments -> split(text, arguments, false);
            case "rsplit" -> arguments -> split(text, arguments, true);
            case "splitlines" -> arguments -> lines(text, arguments.flag(0, "keepends", false));
            case "partition" -> arguments -> partition(text, arguments.text(0, "sep"), false);
            case "rpartition" -> arguments -> partition(text, arguments.text(0, "sep"), true);
            case "startswith" -> arguments -> matches(arguments, prefix -> window(text, arguments).value().startsWith(prefix));
            case "endswith" -> arguments -> matches(arguments, suffix -> window(text, arguments).value().endsWith(suffix));
            case "removeprefix" -> arguments -> {
                String prefix = arguments.text(0, "prefix").value();
                return text.value().startsWith(prefix) ? text.substring(prefix.length(), text.value().length()) : text;
            };
            case "removesuffix" -> arguments -> {
                String suffix = arguments.text(0, "suffix").value();
                return text.value().endsWith(suffix) ? text.substring(0, text.value().length() - suffix.length()) : text;
            };
            case "upper" -> arguments -> upper(text);
            case "lower" -> arguments -> lower(text);
            case "title" -> arguments -> title(text, c -> !Character.isLetter(c));
            case "capitalize" -> arguments -> capitalize(text);
            case "replace" ->
                arguments -> text.replace(arguments.text(0, "old"), arguments.text(1, "new"), arguments.integer(2, "count", -1));
            case "find" -> arguments -> index(text, arguments, String::indexOf);
            case "rfind" -> arguments -> index(text, arguments, String::lastIndexOf);
            case "index" -> arguments -> found(index(text, arguments, String::indexOf));
            case "rindex" -> arguments -> found(index(text, arguments, String::lastIndexOf));
            case "count" -> arguments -> count(window(text, arguments), arguments.text(0, "sub").value());
            case "join" -> arguments -> join(Values.items(arguments.require(0, "iterable")), text);
            case "format" -> arguments -> BraceFormat.format(text, arguments);
            case "isdigit", "isdecimal", "isnumeric" -> arguments -> all(text, Character::isDigit);
            case "isalpha" -> arguments -> all(text, Character::isLetter);
            case "isalnum" -> arguments -> all(text, Character::isLetterOrDigit);
            case "isspace" -> arguments -> all(text, c -> Text.isSpace((char) c));
            case "isupper" -> arguments -> cased(text) && upper(text).equals(text);
            case "islower" -> arguments -> cased(text) && lower(text).equals(text);
            case "center", "ljust", "rjust" -> arguments -> justify(text, arguments, name);
            case "zfill" -> arguments -> zeroFill(text, arguments.integer(0, "width", 0));
            default -> null;
        };
    }

    private static String characters(Arguments arguments) {
        return arguments.get(0, "chars", None.NONE) == None.NONE ? "" : arguments.text(0, "chars").value();
    }

    static Text upper(Text text) {
        return text.mapped(c -> c.toUpperCase(Locale.ROOT), c -> c.toUpperCase(Locale.ROOT), c -> false);
    }

    static Text lower(Text text) {
        return text.mapped(c -> c.toLowerCase(Locale.ROOT), c -> c.toLowerCase(Locale.ROOT), c -> false);
    }

    static Text title(Text text, IntPredicate boundary) {
        return text.mapped(c -> c.toLowerCase(Locale.ROOT), c -> c.toUpperCase(Locale.ROOT), boundary);
    }

    static Text capitalize(Text text) {
        return text.mapped(c -> c.toLowerCase(Locale.ROOT), c -> c.toUpperCase(Locale.ROOT), c -> false);
    }

    private static boolean cased(Text text) {
        return text.value().codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }

    private static boolean all(Text text, IntPredicate predicate) {
        return !text.isEmpty() && text.value().codePoints().allMatch(predicate);
    }

    private static Object split(Text text, Arguments arguments, boolean fromRight) {
        long most = arguments.integer(1, "maxsplit", -1);
        List<Object> parts = new ArrayList<>();
        if (arguments.get(0, "sep", None.NONE) == None.NONE) {
            return words(text, most < 0 ? Long.MAX_VALUE : most, fromRight);
        }
        String separator = arguments.text(0, "sep").value();
        if (separator.isEmpty()) {
            throw JinjaException.of("the separator is empty");
        }
        int start = 0;
        int end = text.value().length();
        for (long i = 0; i != most; i++) {
            int at = fromRight ? text.value().lastIndexOf(separator, end - separator.length()) : text.value().indexOf(separator, start);
            if (at < 0) {
                break;
            }
            parts.add(fromRight ? text.substring(at + separator.length(), end) : text.substring(start, at));
            start = fromRight ? start : at + separator.length();
            end = fromRight ? at : end;
        }
        parts.add(text.substring(start, end));
        return fromRight ? parts.reversed() : parts;
    }

    /** Splits at runs of white space. */
    private static List<Object> words(Text text, long most, boolean fromRight) {
        List<Object> parts = new ArrayList<>();
        Text rest = text.strip("", !fromRight, fromRight);
        while (!rest.isEmpty()) {
            String value = rest.value();
            int at = fromRight ? value.length() : 0;
            while (parts.size() < most && (fromRight
                    ? at > 0 && !Text.isSpace(value.charAt(at - 1))
                    : at < value.length() && !Text.isSpace(value.charAt(at)))) {
                at += fromRight ? -1 : 1;
            }
            if (parts.size() >= most) {
                at = fromRight ? 0 : value.length();
            }
            parts.add(fromRight ? rest.substring(at, value.length()) : rest.substring(0, at));
            rest = (fromRight ? rest.substring(0, at) : rest.substring(at, value.length())).strip("", !fromRight, fromRight);
        }
        return fromRight ? parts.reversed() : parts;
    }

    private static List<Object> lines(Text text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        String value = text.value();
        int start = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ("\n\r\013\f\034\035\036\u0085\u2028\u2029".indexOf(c) < 0) {
                continue;
            }
            int end = c == '\r' && i + 1 < value.length() && value.charAt(i + 1) == '\n' ? i + 2 : i + 1;
            lines.add(text.substring(start, keepEnds ? end : i));
            start = end;
            i = end - 1;
        }
        if (start < value.length()) {
            lines.add(text.substring(start, value.length()));
        }
        return lines;
    }

    private static Tuple partition(Text text, Text separator, boolean fromRight) {
        int at = fromRight ? text.value().lastIndexOf(separator.value()) : text.value().indexOf(separator.value());
        if (at < 0) {
            return new Tuple(fromRight ? List.of(Text.EMPTY, Text.EMPTY, text) : List.of(text, Text.EMPTY, Text.EMPTY));
        }
        int end = at + separator.value().length();
        return new Tuple(List.of(text.substring(0, at), text.substring(at, end), text.substring(end, text.value().length())));
    }

    private static boolean matches(Arguments arguments, java.util.function.Predicate<String> test) {
        Object affix = arguments.require(0, "prefix");
        return affix instanceof Tuple tuple
                ? tuple.items().stream().anyMatch(item -> test.test(Values.text(item).value()))
                : test.test(Values.text(affix).value());
    }

    /** Returns what is between the bounds that a call may give behind its first argument. */
    private static Text window(Text text, Arguments arguments) {
        return between(text, arguments.get(1, "start", None.NONE), arguments.get(2, "end", None.NONE));
    }

    private static Text between(Text text, Object start, Object end) {
        return start == None.NONE && end == None.NONE ? text : (Text) Operators.slice(text, start, end, None.NONE);
    }

    private static long index(Text text, Arguments arguments, ToIntBiFunction<String, String> search) {
        String window = window(text, arguments).value();
        int unit = search.applyAsInt(window, arguments.text(0, "sub").value());
        int before = text.length() - between(text, arguments.get(1, "start", None.NONE), None.NONE).length();
        return unit < 0 ? -1 : before + window.codePointCount(0, unit);
    }

    private static long found(long index) {
        if (index < 0) {
            throw JinjaException.of("the substring is not found");
        }
        return index;
    }

    private static long count(Text text, String part) {
        if (part.isEmpty()) {
            return text.length() + 1L;
        }
        long count = 0;
        for (int at = text.value().indexOf(part); at >= 0; at = text.value().indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    static Text join(List<Object> items, Text separator) {
        TextBuilder result = new TextBuilder();
        for (int i = 0; i < items.size(); i++) {
            result.append(i == 0 ? Text.EMPTY : separator).append(Values.print(items.get(i)));
        }
        return result.build();
    }

    static Text justify(Text text, Arguments arguments, String name) {
        Text fill = arguments.has(1, "fillchar") ? arguments.text(1, "fillchar") : Text.of(" ");
        long missing = Math.max(0, arguments.integer(0, "width", 80) - text.length());
        long left = switch (name) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & arguments.integer(0, "width", 80) & 1);
        };
        Text before = (Text) Operators.binary("*", fill, left);
        return before.plus(text).plus((Text) Operators.binary("*", fill, missing - left));
    }

    private static Text zeroFill(Text text, long width) {
        int sign = text.value().startsWith("-") || text.value().startsWith("+") ? 1 : 0;
        Text zeros = (Text) Operators.binary("*", Text.of("0"), Math.max(0, width - text.length()));
        return text.substring(0, sign).plus(zeros).plus(text.substring(sign, text.value().length()));
    }
}
