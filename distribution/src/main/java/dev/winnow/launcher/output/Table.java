package dev.winnow.launcher.output;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Rows under named columns, written as Markdown, JSON, JSON lines or CSV. */
public final class Table {

    private static final int MIN_WIDTH = 3; // of the rule under a header in Markdown

    private final List<Column> columns;
    private final List<List<@Nullable Object>> rows = new ArrayList<>();

    /** Creates an empty table. */
    public Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /**
     * Adds a row.
     *
     * @param values one for each column: text, number, truth value, list of texts, or null for none
     */
    public void row(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(values.length + " values for " + columns.size() + " columns");
        }
        List<@Nullable Object> row = new ArrayList<>();
        for (@Nullable
        Object value : values) {
            row.add(value);
        }
        rows.add(row);
    }

    /** Returns the number of rows. */
    public int size() {
        return rows.size();
    }

    /** Writes the table. */
    public void write(Console console, OutputFormat format) {
        switch (format) {
            case md -> console.print(markdown());
            case json -> console.println(Json.write(true, this::writeJson));
            case jsonl -> rows.forEach(row -> console.println(Json.write(false, json -> writeJson(json, row))));
            case csv -> console.print(csv());
        }
    }

    /** Returns the table for people: columns that have nothing to say are left out. */
    String markdown() {
        List<List<String>> cells = rows.stream().map(this::displayed).toList();
        int[] widths = new int[columns.size()]; // 0 for a column that is left out
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            int widest = cells.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
            widths[i] = widest == 0 && !cells.isEmpty() ? 0 : Math.max(Math.max(MIN_WIDTH, length(columns.get(i).title())), widest);
        }
        StringBuilder text = new StringBuilder();
        appendLine(text, columns.stream().map(Column::title).toList(), widths);
        for (int i = 0; i < widths.length; i++) {
            if (widths[i] > 0) {
                boolean number = columns.get(i).number();
                text.append("| ").append("-".repeat(number ? widths[i] - 1 : widths[i])).append(number ? ": " : " ");
            }
        }
        text.append("|\n");
        cells.forEach(row -> appendLine(text, row, widths));
        return text.toString();
    }

    private List<String> displayed(List<@Nullable Object> row) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            // A bar would end the cell, and a line break the row.
            cells.add(columns.get(i).display(row.get(i)).replace("|", "\\|").replace("\n", " "));
        }
        return cells;
    }

    private void appendLine(StringBuilder text, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            if (widths[i] == 0) {
                continue;
            }
            String padding = " ".repeat(widths[i] - length(cells.get(i)));
            boolean number = columns.get(i).number();
            text.append("| ").append(number ? padding : "").append(cells.get(i)).append(number ? "" : padding).append(' ');
        }
        text.append("|\n");
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private String csv() {
        StringBuilder text = new StringBuilder(columns.stream().map(Column::key).collect(Collectors.joining(","))).append('\n');
        for (List<@Nullable Object> row : rows) {
            for (int i = 0; i < columns.size(); i++) {
                Object value = row.get(i);
                String cell = value == null ? "" : value instanceof List<?> ? columns.get(i).display(value) : value.toString();
                boolean quote = cell.matches("(?s).*[,\"\r\n].*");
                text.append(i == 0 ? "" : ",").append(quote ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Writes the rows as an array of objects. */
    void writeJson(JsonGenerator json) {
        json.writeStartArray();
        rows.forEach(row -> writeJson(json, row));
        json.writeEndArray();
    }

    private void writeJson(JsonGenerator json, List<@Nullable Object> row) {
        json.writeStartObject();
        for (int i = 0; i < columns.size(); i++) {
            json.writeName(columns.get(i).key());
            Json.writeValue(json, row.get(i));
        }
        json.writeEndObject();
    }
}
