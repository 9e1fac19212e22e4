package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import java.util.List;
import java.util.Locale;

/** How a report is written. */
public enum ReportFormat {
    /** A Markdown table in the layout of llama-bench. */
    MD,
    /** A JSON array with an object for each row. */
    JSON,
    /** A JSON object in a line for each row. */
    JSONL,
    /** Comma-separated values in quotes, with a line of names; lists are left out. */
    CSV;

    /**
     * Returns the format of a name.
     *
     * @throws WinnowException for an unknown name
     */
    public static ReportFormat parse(String name) {
        for (ReportFormat format : values()) {
            if (format.name().toLowerCase(Locale.ROOT).equals(name)) {
                return format;
            }
        }
        throw new WinnowException(WinnowException.Kind.USAGE,
                "The output format '" + name + "' is not known; known are md, json, jsonl and csv.");
    }

    /**
     * Begins a report.
     *
     * @param columns of the table for people
     * @param out     receives text row by row
     */
    public ReportWriter writer(List<ReportColumn> columns, Appendable out) {
        return new ReportWriter(this, columns, out);
    }
}
