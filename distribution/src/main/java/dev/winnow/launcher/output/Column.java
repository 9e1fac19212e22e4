package dev.winnow.launcher.output;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column of a {@link Table}.
 *
 * @param key      field name in JSON and CSV, in llama.cpp's style: {@code n_prompt}, {@code avg_ts}
 * @param title    header in Markdown
 * @param number   whether values are numbers, which Markdown aligns to the right
 * @param decimals digits after the point in Markdown; −1 for as they are
 */
public record Column(String key, String title, boolean number, int decimals) {

    /** Returns a column of texts, truth values or lists. */
    public static Column text(String key, String title) {
        return new Column(key, title, false, -1);
    }

    /** Returns a column of integers, or of numbers that are shown as they are. */
    public static Column number(String key, String title) {
        return new Column(key, title, true, -1);
    }

    /** Returns a column of numbers that people see with a fixed number of decimals; JSON and CSV keep every digit. */
    public static Column decimal(String key, String title, int decimals) {
        return new Column(key, title, true, decimals);
    }

    /** Returns a value as people see it. */
    String display(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Number number when decimals >= 0 -> String.format(Locale.ROOT, "%." + decimals + "f", number.doubleValue());
            case Boolean flag -> flag ? "yes" : "no";
            case List<?> list -> String.join(", ", list.stream().map(String::valueOf).toList());
            default -> value.toString();
        };
    }
}
