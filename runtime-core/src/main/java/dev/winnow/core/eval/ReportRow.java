package dev.winnow.core.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One result of a report.
 *
 * @param fields everything, for programs: names in order, and values that are texts, numbers, booleans, lists of these, or null
 * @param cells  the texts of the columns of a table for people
 */
public record ReportRow(Map<String, Object> fields, List<String> cells) {
    /** Copies both. */
    public ReportRow {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        cells = List.copyOf(cells);
    }

    /**
     * Returns the row with more fields before its own; a field that both have keeps the row's value.
     *
     * @param before names and values
     */
    public ReportRow behind(Map<String, Object> before) {
        Map<String, Object> all = new LinkedHashMap<>(before);
        all.putAll(fields);
        return new ReportRow(all, cells);
    }
}
