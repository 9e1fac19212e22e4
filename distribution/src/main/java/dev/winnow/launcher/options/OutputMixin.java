package dev.winnow.launcher.options;

import dev.winnow.launcher.output.OutputFormat;
import picocli.CommandLine.Option;

/** The option that chooses the format of a report. */
public final class OutputMixin {

    @Option(names = {"-o", "--output"}, paramLabel = "FORMAT", description = "Format: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private OutputFormat format = OutputFormat.md;

    /** Returns the format. */
    public OutputFormat format() {
        return format;
    }
}
