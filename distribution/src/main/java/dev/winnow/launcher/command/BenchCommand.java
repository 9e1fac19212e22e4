package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.WinnowException;
import dev.winnow.core.cdi.RuntimeProducer;
import dev.winnow.core.eval.Bench;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.BackendsMixin;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.IntegersConverter;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.PluginsMixin;
import dev.winnow.launcher.options.SessionMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.RowOutput;
import dev.winnow.launcher.output.StepLine;
import dev.winnow.launcher.report.MeasuredModel;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Times prompts and generations, dense and sparse side by side. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Times prompts (pp) and generations (tg) as llama-bench does. Numbers separated by commas are tested one after the other.",
        "With --sparse, every arm is run in turn in each repetition, and compared with dense attention in the same repetition.", ""})
public final class BenchCommand implements Callable<Integer> {

    private static final long SEED = 1;

    @Inject
    private Console console;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "Model file in GGUF format. Repeatable.")
    private List<Path> files = new ArrayList<>();

    @Option(names = {"-p",
            "--n-prompt"}, paramLabel = "N,...", defaultValue = "512", converter = IntegersConverter.class, description = "Tokens of a prompt; 0 for no such test. Default ${DEFAULT-VALUE}.")
    private List<Integer> prompts;

    @Option(names = {"-n",
            "--n-gen"}, paramLabel = "N,...", defaultValue = "128", converter = IntegersConverter.class, description = "Tokens to generate; 0 for no such test. Default ${DEFAULT-VALUE}.")
    private List<Integer> generations;

    @Option(names = "-pg", paramLabel = "PP,TG", converter = PairConverter.class, description = "A prompt and a generation after it, timed together. Repeatable.")
    private List<Pair> pairs = new ArrayList<>();

    @Option(names = {"-d",
            "--n-depth"}, paramLabel = "N,...", defaultValue = "0", converter = IntegersConverter.class, description = "Tokens before the timed ones. Default ${DEFAULT-VALUE}.")
    private List<Integer> depths;

    @Option(names = {"-t",
            "--threads"}, paramLabel = "N,...", defaultValue = "0", converter = IntegersConverter.class, description = "Worker threads, up to 512; 0 for one on each processor, the default.")
    private List<Integer> threads;

    @Option(names = {"-r",
            "--repetitions"}, paramLabel = "N", defaultValue = "5", description = "Runs of each test. Default ${DEFAULT-VALUE}.")
    private int repetitions;

    @Mixin
    private ArmsMixin arms;

    @Mixin
    private SessionMixin session;

    @Mixin
    private BackendsMixin backends;

    @Mixin
    private PluginsMixin plugins;

    @Mixin
    private OutputMixin output;

    @Mixin
    private CompatibilityMixin compatibility;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public BenchCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        List<BenchTest> tests = tests();
        checkModels();
        List<String> provenances = new ArrayList<>();
        try (RowOutput rows = new RowOutput(console, output.format(), BenchResult.columns());
                StepLine line = new StepLine(console)) {
            for (Path file : files) {
                for (int count : threads) {
                    provenances.add(run(file, count, tests, rows, line));
                }
            }
        }
        if (output.format() == ReportFormat.MD) {
            console.print("\n" + String.join("\n", provenances));
        }
        return 0;
    }

    /** Loads each of several models once: a measurement of the first is not to end with the news that the second is missing. */
    private void checkModels() {
        if (files.size() > 1) {
            try (InferenceRuntime runtime = RuntimeProducer.builder(plugins.settings(1)).build()) {
                for (Path file : files) {
                    try (Model model = runtime.load(file, backends.modelOptions().withCheckTensors(false))) {
                        arms.arms(model, session.sessionOptions());
                    }
                }
            }
        }
    }

    private String run(Path file, int threadCount, List<BenchTest> tests, RowOutput rows, StepLine line) {
        try (InferenceRuntime runtime = RuntimeProducer.builder(plugins.settings(threadCount)).build();
                Model model = runtime.load(file, backends.modelOptions())) {
            List<EvalArm> compared = arms.arms(model, session.sessionOptions());
            MeasuredModel measured = new MeasuredModel(model, compared, runtime.threads());
            Bench.WarmUp warmUp = compatibility.noWarmUp() ? Bench.WarmUp.NONE : Bench.WarmUp.EACH_TEST;
            Bench.Options options = new Bench.Options(tests, repetitions, warmUp, runtime.threads(), SEED);
            Bench.run(model, compared, options, result -> {
                line.erase();
                rows.row(result.row().behind(measured.provenance().fields()));
            }, line::step);
            return measured.provenance().line() + "\n" + measured.arms();
        }
    }

    private List<BenchTest> tests() {
        List<BenchTest> tests = new ArrayList<>();
        for (int depth : depths) {
            prompts.stream().filter(count -> count > 0).forEach(count -> tests.add(new BenchTest(count, 0, depth)));
            generations.stream().filter(count -> count > 0).forEach(count -> tests.add(new BenchTest(0, count, depth)));
            pairs.forEach(pair -> tests.add(new BenchTest(pair.prompt(), pair.generation(), depth)));
        }
        if (tests.isEmpty()) {
            throw new WinnowException(WinnowException.Kind.USAGE, "There is nothing to time: give -p, -n or -pg with a number above 0.");
        }
        return tests;
    }

    /** A prompt and a generation that are timed together. */
    record Pair(int prompt, int generation) {}

    /** Reads a pair. */
    static final class PairConverter implements ITypeConverter<Pair> {
        @Override
        public Pair convert(String text) {
            List<Integer> numbers = new IntegersConverter().convert(text);
            if (numbers.size() != 2) {
                throw new TypeConversionException("'" + text + "' is not two numbers, prompt and generation, for example 512,128");
            }
            return new Pair(numbers.get(0), numbers.get(1));
        }
    }
}
