package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.RuntimeMixin;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.Report;
import dev.winnow.launcher.output.Table;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a model file and what would run it. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = {"Shows what is in a model file and what would run it.", ""})
public final class InspectCommand implements Callable<Integer> {

    private static final int ARRAY_ELEMENTS = 6;
    private static final int TEXT_LENGTH = 120;

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Spec
    private picocli.CommandLine.Model.CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Model file in GGUF format.")
    private Path file;

    @Option(names = {"-o",
            "--output"}, paramLabel = "FORMAT", converter = OutputMixin.FormatConverter.class, description = "Format: md (default) or json.")
    private ReportFormat format = ReportFormat.MD;

    @Option(names = "--no-tensors", description = "Without the list of tensors.")
    private boolean noTensors;

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin settings;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public InspectCommand() {}

    @Override
    public Integer call() {
        if (format != ReportFormat.MD && format != ReportFormat.JSON) {
            throw new ParameterException(spec.commandLine(), "Invalid value for option '-o': inspect has the formats md and json");
        }
        try (GgufFile model = GgufFile.open(file)) {
            Report report = new Report();
            describe(report, model);
            ModelSuitability suitability = ModelSuitability.of(runtime, file);
            report.field("runs", "runs here", suitability.runs(), suitability.runs() ? "yes" : "no");
            report.field("reason", "hindered by", suitability.reason(), suitability.runs() ? "nothing" : suitability.reason());
            report.field("backends", "backends", suitability.backends(),
                    suitability.runs() ? String.join(", ", suitability.backends()) : "none");
            report.table("providers", "Plug-ins for this model", suitability.table());
            report.table("metadata", "Metadata", metadata(model.metadata()));
            report.table("types", "Tensor types", types(model));
            if (!noTensors) {
                report.table("tensors", "Tensors", tensors(model));
            }
            report.write(console, format);
        }
        return 0;
    }

    private static void describe(Report report, GgufFile model) {
        long parameters = model.tensors().stream().mapToLong(GgufTensor::elements).sum();
        long bytes = model.tensors().stream().mapToLong(GgufTensor::byteSize).sum();
        report.field("file", "file", model.path().toString());
        report.field("gguf_version", "GGUF version", model.version());
        report.field("architecture", "architecture", text(model.metadata(), "general.architecture"));
        report.field("name", "name", text(model.metadata(), "general.name"));
        report.field("tensor_count", "tensors", model.tensors().size());
        report.field("model_n_params", "parameters", parameters);
        report.field("model_size", "size of tensors", bytes, Sizes.bytes(bytes));
    }

    /** A damaged value is shown where the model is judged; the list of what is in the file goes on. */
    private static String text(GgufMetadata metadata, String key) {
        try {
            return metadata.string(key).orElse("(none)");
        } catch (WinnowException e) {
            return "(not a string)";
        }
    }

    private static Table metadata(GgufMetadata metadata) {
        Table table = new Table(Column.text("key", "key"), Column.text("type", "type"), Column.text("value", "value"));
        metadata.values().forEach((key, value) -> table.row(key, value.typeName(), shortened(value.text(ARRAY_ELEMENTS))));
        return table;
    }

    private static String shortened(String value) {
        int end = Math.min(value.length(), TEXT_LENGTH);
        return value.length() <= TEXT_LENGTH
                ? value
                : value.substring(0, Character.isHighSurrogate(value.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    private static Table tensors(GgufFile model) {
        Table table = new Table(Column.text("name", "name"), Column.text("type", "type"), Column.text("shape", "shape"),
                Column.number("bytes", "bytes"));
        for (GgufTensor tensor : model.tensors()) {
            String shape = tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" × "));
            table.row(tensor.name(), tensor.typeName(), shape, tensor.byteSize());
        }
        return table;
    }

    private static Table types(GgufFile model) {
        Table table = new Table(Column.text("type", "type"), Column.number("tensors", "tensors"), Column.number("n_params", "parameters"),
                Column.number("bytes", "bytes"), Column.text("supported", "supported"));
        Map<String, long[]> totals = new TreeMap<>(); // [tensors, elements, bytes]
        Map<String, Boolean> supported = new TreeMap<>();
        for (GgufTensor tensor : model.tensors()) {
            long[] total = totals.computeIfAbsent(tensor.typeName(), type -> new long[3]);
            total[0]++;
            total[1] += tensor.elements();
            total[2] += tensor.byteSize();
            supported.put(tensor.typeName(), tensor.type().isPresent());
        }
        totals.forEach((type, total) -> table.row(type, total[0], total[1], total[2], supported.get(type)));
        return table;
    }
}
