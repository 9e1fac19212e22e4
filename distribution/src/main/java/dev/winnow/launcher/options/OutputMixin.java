package dev.winnow.launcher.options;

import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.ReportFormat;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option that chooses the format of a report. */
public final class OutputMixin {

    @Option(names = {"-o",
            "--output"}, paramLabel = "FORMAT", converter = FormatConverter.class, description = "Format: md (default), json, jsonl or csv.")
    private ReportFormat format = ReportFormat.MD;

    /** Returns the format. */
    public ReportFormat format() {
        return format;
    }

    /** Reads the name of a format. */
    public static final class FormatConverter implements ITypeConverter<ReportFormat> {

        /** Creates the converter. */
        public FormatConverter() {}

        @Override
        public ReportFormat convert(String name) {
            try {
                return ReportFormat.parse(name);
            } catch (WinnowException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
