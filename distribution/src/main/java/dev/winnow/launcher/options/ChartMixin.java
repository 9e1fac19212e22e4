package dev.winnow.launcher.options;

import dev.winnow.api.WinnowException;
import dev.winnow.launcher.chart.Chart;
import dev.winnow.launcher.chart.ChartFile;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that asks for a picture of a report. */
public final class ChartMixin {

    @Option(names = "--chart", paramLabel = "FILE", description = "Draw the result into this file, which ends in .png or .svg.")
    private @Nullable Path file;

    /** Creates the option; it is filled in from the command line. */
    public ChartMixin() {}

    /**
     * Checks the file, before anything is measured for it.
     *
     * @throws WinnowException if a picture cannot be written there
     */
    public void check() {
        if (file != null) {
            ChartFile.check(file);
        }
    }

    /**
     * Draws the picture, if it is asked for. Called after the report is written, which needs no fonts.
     *
     * @throws WinnowException if the file cannot be written, or if this machine has no fonts
     */
    public void write(Supplier<Chart> chart) {
        if (file != null) {
            chart.get().write(file);
        }
    }
}
