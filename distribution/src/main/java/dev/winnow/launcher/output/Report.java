package dev.winnow.launcher.output;

import dev.winnow.core.eval.ReportFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Named values and tables in order, for reports that are more than one table. Written as Markdown or as one JSON object. */
public final class Report {

    private sealed interface Part {}

    private record Field(String key, String title, @Nullable Object value, String display) implements Part {}

    private record Section(String key, String title, Table table) implements Part {}

    private final List<Part> parts = new ArrayList<>();

    /** Adds a value that people see as it is. */
    public void field(String key, String title, @Nullable Object value) {
        field(key, title, value, Column.display(value));
    }

    /** Adds a value and what people see of it, for example a number of bytes and its size in MiB. */
    public void field(String key, String title, @Nullable Object value, String display) {
        parts.add(new Field(key, title, value, display));
    }

    /** Adds a table under a heading. */
    public void table(String key, String title, Table table) {
        parts.add(new Section(key, title, table));
    }

    /**
     * Writes the report.
     *
     * @param format Markdown or JSON
     */
    public void write(Console console, ReportFormat format) {
        switch (format) {
            case MD -> console.print(markdown());
            case JSON -> console.println(json());
            case JSONL, CSV -> throw new IllegalArgumentException("a report of several tables has no form as " + format);
        }
    }

    private String markdown() {
        StringBuilder text = new StringBuilder();
        int width = parts.stream().mapToInt(part -> part instanceof Field field ? field.title().length() + 2 : 0).max().orElse(0);
        for (Part part : parts) {
            switch (part) {
                case Field field -> text.append((field.title() + ":" + " ".repeat(width)), 0, width).append(field.display()).append('\n');
                case Section section -> {
                    if (!section.table().isEmpty()) {
                        text.append("\n## ").append(section.title()).append("\n\n").append(section.table().text(ReportFormat.MD));
                    }
                }
            }
        }
        return text.toString();
    }

    private String json() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (Part part : parts) {
            switch (part) {
                case Field field -> fields.put(field.key(), field.value());
                case Section section -> fields.put(section.key(), section.table().fields());
            }
        }
        return JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValueAsString(fields);
    }
}
