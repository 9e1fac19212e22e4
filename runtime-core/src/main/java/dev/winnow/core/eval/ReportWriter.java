package dev.winnow.core.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes the rows of a report in one format, each as soon as it is known. Close it to end the report. Not thread-safe. */
public final class ReportWriter implements AutoCloseable {

    private static final ObjectMapper LINE = new JsonMapper();
    private static final ObjectMapper INDENTED = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final ReportFormat format;
    private final List<ReportColumn> columns;
    private final Appendable out;
    private @Nullable List<String> names; // of the CSV columns, from the first row

    ReportWriter(ReportFormat format, List<ReportColumn> columns, Appendable out) {
        this.format = format;
        this.columns = List.copyOf(columns);
        this.out = out;
    }

    /**
     * Writes a row.
     *
     * @throws UncheckedIOException if the target fails
     */
    public void row(ReportRow row) {
        switch (format) {
            case MD -> markdown(row.cells());
            case JSON -> append((names == null ? "[\n" : ",\n") + indented(row.fields()));
            case JSONL -> append(LINE.writeValueAsString(finite(row.fields())) + "\n");
            case CSV -> csv(row.fields());
        }
        if (names == null) {
            names = scalars(row.fields());
        }
    }

    /**
     * Ends the report.
     *
     * @throws UncheckedIOException if the target fails
     */
    @Override
    public void close() {
        if (format == ReportFormat.JSON) {
            append(names == null ? "[]\n" : "\n]\n");
        }
    }

    private void markdown(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + columns.size() + " columns");
        }
        if (names == null) {
            StringBuilder head = new StringBuilder("|");
            StringBuilder rule = new StringBuilder("|");
            for (ReportColumn column : columns) {
                head.append(' ').append(padded(column.title(), column)).append(" |");
                rule.append(' ').append("-".repeat(column.width() - 1)).append(column.right() ? ':' : '-').append(" |");
            }
            append(head + "\n" + rule + "\n");
        }
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < cells.size(); i++) {
            line.append(' ').append(padded(cells.get(i).replace("|", "\\|").replace("\n", " "), columns.get(i))).append(" |");
        }
        append(line + "\n");
    }

    private static String padded(String cell, ReportColumn column) {
        String padding = " ".repeat(Math.max(0, column.width() - cell.codePointCount(0, cell.length())));
        return column.right() ? padding + cell : cell + padding;
    }

    private static String indented(Map<String, Object> fields) {
        return INDENTED.writeValueAsString(finite(fields)).indent(2).stripTrailing();
    }

    /** JSON has no NaN and no infinity, and a column of numbers in CSV had better have none: they become null. */
    private static Map<String, @Nullable Object> finite(Map<String, Object> fields) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        fields.forEach((name, value) -> result.put(name, value instanceof Number n && !Double.isFinite(n.doubleValue()) ? null : value));
        return result;
    }

    private void csv(Map<String, Object> fields) {
        if (names == null) {
            append(String.join(",", scalars(fields)) + "\n");
        }
        StringBuilder line = new StringBuilder();
        Map<String, @Nullable Object> values = finite(fields);
        for (String name : names == null ? scalars(fields) : names) {
            Object value = values.get(name);
            line.append(line.isEmpty() ? "" : ",").append('"').append(value == null ? "" : value.toString().replace("\"", "\"\""))
                    .append('"');
        }
        append(line + "\n");
    }

    private static List<String> scalars(Map<String, Object> fields) {
        return fields.entrySet().stream().filter(field -> !(field.getValue() instanceof Collection)).map(Map.Entry::getKey).toList();
    }

    private void append(String text) {
        try {
            out.append(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
