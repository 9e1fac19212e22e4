package dev.winnow.launcher.output;

/** Formats of a report; the names are those of the option {@code -o}. */
public enum OutputFormat {
    /** Markdown, which is also the table for people. */
    md,
    /** One JSON document. */
    json,
    /** One JSON object on each line. */
    jsonl,
    /** Comma-separated values with a header line (RFC 4180). */
    csv
}
