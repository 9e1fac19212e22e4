package dev.winnow.launcher.output;

import dev.winnow.core.eval.ReportColumn;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.eval.ReportRow;
import dev.winnow.core.eval.ReportWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows that are all known before the first is written, so that columns are as wide as they need to be and those without a value are left out for people. */
public final class Table {

    private final List<Column> columns;
    private final List<List<@Nullable Object>> rows = new ArrayList<>();

    /** Creates an empty table. */
    public Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /**
     * Adds a row.
     *
     * @param values one for each column: text, number, truth value, or null for none
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

    /** Returns whether there is no row. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Writes the table. */
    public void write(Console console, ReportFormat format) {
        console.print(text(format));
    }

    /** Returns the table as text. */
    public String text(ReportFormat format) {
        int[] shown = IntStream.range(0, columns.size()).filter(column -> rows.isEmpty() || width(column) > 0).toArray();
        List<ReportColumn> forPeople = IntStream.of(shown).mapToObj(column -> columns.get(column).withWidth(width(column))).toList();
        StringBuilder text = new StringBuilder();
        try (ReportWriter writer = format.writer(forPeople, text)) {
            for (List<@Nullable Object> row : rows) {
                writer.row(new ReportRow(fields(row), IntStream.of(shown).mapToObj(column -> Column.display(row.get(column))).toList()));
            }
        }
        return text.toString();
    }

    /** A bar in a cell is written as two characters. */
    private int width(int column) {
        return rows.stream().map(row -> Column.display(row.get(column)).replace("|", "\\|"))
                .mapToInt(cell -> cell.codePointCount(0, cell.length()))
                .max().orElse(0);
    }

    /** Returns the rows for programs: values by the names of their columns. */
    List<Map<String, @Nullable Object>> fields() {
        return rows.stream().map(this::fields).toList();
    }

    private Map<String, @Nullable Object> fields(List<@Nullable Object> row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            fields.put(columns.get(i).key(), row.get(i));
        }
        return fields;
    }
}
