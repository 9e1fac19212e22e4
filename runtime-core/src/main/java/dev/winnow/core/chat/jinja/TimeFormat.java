package dev.winnow.core.chat.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** The directives of C's strftime, in English. */
final class TimeFormat {

    private static final Map<Character, String> PATTERNS = Map.ofEntries(Map.entry('a', "EEE"), Map.entry('A', "EEEE"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"), Map.entry('d', "dd"), Map.entry('H', "HH"), Map.entry('I', "hh"), Map.entry('j', "DDD"),
            Map.entry('m', "MM"), Map.entry('M', "mm"), Map.entry('p', "a"), Map.entry('S', "ss"), Map.entry('y', "yy"),
            Map.entry('Y', "yyyy"),
            Map.entry('f', "SSSSSS"), Map.entry('e', "ppd"), Map.entry('F', "yyyy-MM-dd"), Map.entry('T', "HH:mm:ss"),
            Map.entry('D', "MM/dd/yy"), Map.entry('R', "HH:mm"), Map.entry('h', "MMM"));

    private TimeFormat() {}

    static String format(String format, ZonedDateTime time) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                result.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean unpadded = directive == '-' && i + 1 < format.length();
            directive = unpadded ? format.charAt(++i) : directive;
            String pattern = PATTERNS.get(directive);
            if (directive == '%') {
                result.append('%');
            } else if (pattern == null) {
                throw JinjaException.of("the time format %" + directive + " is not supported");
            } else {
                String value = DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
                result.append(unpadded ? value.replaceFirst("^0+(?=.)", "") : value);
            }
        }
        return result.toString();
    }
}
