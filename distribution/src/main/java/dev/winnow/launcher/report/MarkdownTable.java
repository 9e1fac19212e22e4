package dev.winnow.launcher.report;

import java.util.List;

/** A table of a Markdown page. */
final class MarkdownTable {

    private final StringBuilder text = new StringBuilder();

    MarkdownTable(String... titles) {
        row(titles);
        text.append("|").append(" --- |".repeat(titles.length)).append('\n');
    }

    void row(String... cells) {
        text.append('|');
        for (String cell : List.of(cells)) {
            text.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        text.append('\n');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
