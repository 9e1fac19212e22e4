package dev.winnow.launcher.output;

import dev.winnow.core.eval.ReportColumn;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.eval.ReportRow;
import dev.winnow.core.eval.ReportWriter;
import java.util.List;

/** Writes the rows of a report to the console, each as soon as it is known. Close it to end the report. Not thread-safe. */
public final class RowOutput implements AutoCloseable {

    private final Console console;
    private final StringBuilder text = new StringBuilder(); // of the row that is being written
    private final ReportWriter writer;

    /** Begins a report. */
    public RowOutput(Console console, ReportFormat format, List<ReportColumn> columns) {
        this.console = console;
        writer = format.writer(columns, text);
    }

    /**
     * Writes a row.
     *
     * @throws OutputClosedException if nobody reads the output any more
     */
    public void row(ReportRow row) {
        writer.row(row);
        flush();
    }

    @Override
    public void close() {
        writer.close();
        flush();
    }

    private void flush() {
        console.print(text.toString());
        text.setLength(0);
    }
}
