package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.eval.SparsityMap;
import dev.winnow.core.eval.SparsityMeasurement;
import dev.winnow.core.eval.SparsityShare;
import dev.winnow.launcher.chart.ChartFile;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.ProgressBar;
import dev.winnow.launcher.output.RowOutput;
import dev.winnow.launcher.report.MeasuredModel;
import dev.winnow.launcher.report.SparsityCharts;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows which keys sparse attention keeps, and how much of the softmax it drops. */
@Command(name = "sparsity", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Shows where attention goes in the first tokens (-c, default 2048) of a text: kept keys and dropped softmax mass by layer, head and position.",
        ""})
public final class SparsityCommand implements Callable<Integer> {

    private static final int DEFAULT_LENGTH = 2048;

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelMixin options;

    @Mixin
    private PromptMixin text;

    @Mixin
    private ArmsMixin arms;

    @Option(names = "--decode", paramLabel = "N", defaultValue = "0", description = "Compute the last N tokens one by one, as in generation; default ${DEFAULT-VALUE}.")
    private int decode;

    @Option(names = "--every", paramLabel = "N", defaultValue = "17", description = "The dropped mass is computed at one of N positions; default ${DEFAULT-VALUE}.")
    private int every;

    @Option(names = "--layer", paramLabel = "N", defaultValue = "-1", description = "Layer of the head whose kept blocks are drawn; -1 for the middle one, the default.")
    private int layer;

    @Option(names = "--head", paramLabel = "N", defaultValue = "0", description = "Head whose kept blocks are drawn; default ${DEFAULT-VALUE}.")
    private int head;

    @Mixin
    private OutputMixin output;

    @Option(names = "--details", description = "In Markdown too: a line for each head and range of positions, not only sums.")
    private boolean details;

    @Option(names = "--chart", paramLabel = "FILE", description = "Draw three pictures: FILE, which ends in .png or .svg, with -kept, -mass and -blocks before the ending.")
    private @Nullable Path chart;

    @Mixin
    private CompatibilityMixin compatibility;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public SparsityCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        if (chart != null) {
            ChartFile.check(chart);
        }
        int length = options.contextLength() == 0 ? DEFAULT_LENGTH : options.contextLength();
        SparsityMeasurement.Options asked = new SparsityMeasurement.Options(length, decode, every, layer, head);
        String content = text.read(console);
        try (Model model = options.load(runtime)) {
            List<EvalArm> compared = arms.arms(model, options.sessionOptions().withContextLength(length));
            if (compared.size() == 1) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "Dense attention keeps every key: name a mask refiner to look at with --sparse (see 'winnow plugins').");
            }
            List<EvalArm> sparse = compared.subList(1, compared.size());
            MeasuredModel measured = new MeasuredModel(model, sparse, runtime.threads());
            Map<String, SparsityMap> maps = new LinkedHashMap<>();
            for (EvalArm arm : sparse) {
                try (ProgressBar bar = new ProgressBar(console, arm.name())) {
                    maps.put(arm.name(), SparsityMeasurement.run(model, arm.options(), content, asked, bar));
                }
            }
            write(measured, maps);
            draw(model, maps);
        }
        return 0;
    }

    private void write(MeasuredModel measured, Map<String, SparsityMap> maps) {
        boolean sums = output.format() == ReportFormat.MD && !details;
        if (output.format() == ReportFormat.MD) {
            console.print(measured.head());
        }
        try (RowOutput rows = new RowOutput(console, output.format(), SparsityShare.columns())) {
            maps.forEach((arm, map) -> (sums ? sums(map) : map.details().stream())
                    .forEach(share -> rows.row(measured.complete(arm, share.row(arm)))));
        }
    }

    /** For people: each layer, each range of positions, and all. */
    private static Stream<SparsityShare> sums(SparsityMap map) {
        Stream<SparsityShare> layers = IntStream.range(0, map.layerCount()).mapToObj(number -> SparsityShare
                .sum(IntStream.range(0, map.headCount(number)).mapToObj(ofHead -> map.ofHead(number, ofHead)).toList()));
        Map<Integer, SparsityShare> ranges = new LinkedHashMap<>();
        map.details().forEach(share -> ranges.merge(share.from(), share, (a, b) -> SparsityShare.sum(List.of(a, b))));
        return Stream.of(layers, ranges.values().stream(), Stream.of(map.total())).flatMap(part -> part);
    }

    private void draw(Model model, Map<String, SparsityMap> maps) {
        if (chart != null) {
            SparsityCharts.kept(model.info(), maps).write(named(chart, "-kept"));
            SparsityCharts.mass(model.info(), maps).write(named(chart, "-mass"));
            SparsityCharts.blocks(model.info(), maps).write(named(chart, "-blocks"));
        }
    }

    private static Path named(Path file, String part) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(name.substring(0, dot) + part + name.substring(dot));
    }
}
