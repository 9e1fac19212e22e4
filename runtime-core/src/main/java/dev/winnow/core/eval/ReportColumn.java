package dev.winnow.core.eval;

/**
 * A column of a table for people.
 *
 * @param title name
 * @param width fewest characters
 * @param right whether cells stand at the right, as numbers do
 */
public record ReportColumn(String title, int width, boolean right) {

    /** Returns a column of text. */
    public static ReportColumn text(String title, int width) {
        return new ReportColumn(title, Math.max(width, title.length()), false);
    }

    /** Returns a column of numbers. */
    public static ReportColumn number(String title, int width) {
        return new ReportColumn(title, Math.max(width, title.length()), true);
    }
}
