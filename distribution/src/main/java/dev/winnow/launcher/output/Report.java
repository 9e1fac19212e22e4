package dev.winnow.launcher.output;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Named values and tables in order, for reports that are more than one table. Written as Markdown or JSON. */
public final class Report {

    private sealed interface Part {}

    private record Field(String key, String title, @Nullable Object value, String display) implements Part {}

    private record Section(String key, String title, Table table) implements Part {}

    private final List<Part> parts = new ArrayList<>();

    /** Adds a value that people see as it is. */
    public Report field(String key, String title, @Nullable Object value) {
        return field(key, title, value, Column.text(key, title).display(value));
    }

    /** Adds a value and what people see of it, for example a number of bytes and its size in MiB. */
    public Report field(String key, String title, @Nullable Object value, String display) {
        parts.add(new Field(key, title, value, display));
        return this;
    }

    /** Adds a table under a heading. */
    public Report table(String key, String title, Table table) {
        parts.add(new Section(key, title, table));
        return this;
    }

    /**
     * Writes the report.
     *
     * @param format {@code md} or {@code json}
     */
    public void write(Console console, OutputFormat format) {
        switch (format) {
            case md -> console.print(markdown());
            case json -> console.println(Json.write(true, this::writeJson));
            case jsonl, csv -> throw new IllegalArgumentException("a report of several tables has no form as " + format);
        }
    }

    private String markdown() {
        StringBuilder text = new StringBuilder();
        int width = parts.stream().mapToInt(part -> part instanceof Field field ? field.title().length() + 1 : 0).max().orElse(0);
        for (Part part : parts) {
            switch (part) {
                case Field field ->
                    text.append((field.title() + ":" + " ".repeat(width)).substring(0, width)).append(' ').append(field.display())
                            .append('\n');
                case Section section -> {
                    if (section.table().size() > 0) {
                        text.append(text.isEmpty() ? "" : "\n").append("## ").append(section.title()).append("\n\n")
                                .append(section.table().markdown());
                    }
                }
            }
        }
        return text.toString();
    }

    private void writeJson(JsonGenerator json) {
        json.writeStartObject();
        for (Part part : parts) {
            switch (part) {
                case Field field -> {
                    json.writeName(field.key());
                    Json.writeValue(json, field.value());
                }
                case Section section -> {
                    json.writeName(section.key());
                    section.table().writeJson(json);
                }
            }
        }
        json.writeEndObject();
    }
}
