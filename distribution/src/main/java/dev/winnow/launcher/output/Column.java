package dev.winnow.launcher.output;

import dev.winnow.core.eval.ReportColumn;
import org.jspecify.annotations.Nullable;

/**
 * A column of a {@link Table}.
 *
 * @param key    field name in JSON and CSV, in llama.cpp's style: {@code n_params}
 * @param title  header in Markdown
 * @param number whether values are numbers, which Markdown aligns to the right
 */
public record Column(String key, String title, boolean number) {

    private static final int MIN_WIDTH = 3; // of the rule under a header in Markdown

    /** Returns a column of texts or truth values. */
    public static Column text(String key, String title) {
        return new Column(key, title, false);
    }

    /** Returns a column of numbers. */
    public static Column number(String key, String title) {
        return new Column(key, title, true);
    }

    /** Returns a value as people see it. */
    static String display(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Boolean flag -> flag ? "yes" : "no";
            default -> value.toString();
        };
    }

    /** Returns the column for people, wide enough for cells of a width. */
    ReportColumn withWidth(int width) {
        int widest = Math.max(MIN_WIDTH, width);
        return number ? ReportColumn.number(title, widest) : ReportColumn.text(title, widest);
    }
}
