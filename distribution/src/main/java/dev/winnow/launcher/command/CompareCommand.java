package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.Compare;
import dev.winnow.core.eval.CompareResult;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.PromptTexts;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.IntegersConverter;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.TextFiles;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.RowOutput;
import dev.winnow.launcher.output.StepLine;
import dev.winnow.launcher.report.MeasuredModel;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the greedy continuations of long prompts, dense against sparse. */
@Command(name = "compare", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Continues long prompts greedily, dense and with each arm of --sparse, and compares the continuations with the dense one:",
        "similarity of the texts (0 to 1, as Python's difflib has it), first different token, and the share of the dense tokens that the",
        "arm finds most likely after the dense tokens before them.", ""})
public final class CompareCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelMixin options;

    @Option(names = {"-f", "--file"}, paramLabel = "FILE", description = "A UTF-8 file that is a prompt. Repeatable.")
    private List<Path> prompts = new ArrayList<>();

    @Option(names = "--text", paramLabel = "FILE", description = "A UTF-8 file that prompts are cut from, from a sentence to a sentence.")
    private @Nullable Path text;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "4", description = "Number of prompts to cut. Default ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--words", paramLabel = "MIN,MAX", defaultValue = "3000,4000", converter = IntegersConverter.class, description = "Words of a prompt that is cut. Default ${DEFAULT-VALUE}.")
    private List<Integer> words;

    @Option(names = {"-s",
            "--seed"}, paramLabel = "N", defaultValue = "1", description = "Decides where prompts are cut. Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = {"-n", "--predict",
            "--n-predict"}, paramLabel = "N", defaultValue = "128", description = "Tokens of a continuation. Default ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--ignore-eos", description = "Go on where the model would end.")
    private boolean ignoreEos;

    @Mixin
    private ArmsMixin arms;

    @Mixin
    private OutputMixin output;

    @Mixin
    private CompatibilityMixin compatibility;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public CompareCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        List<String> texts = texts();
        try (Model model = options.load(runtime)) {
            List<int[]> ids = texts.stream().map(prompt -> model.tokenizer().encode(prompt, true, false)).toList();
            checkLength(model, ids);
            List<EvalArm> compared = arms.arms(model, options.sessionOptions());
            if (compared.size() < 2) {
                throw usage("There is nothing to compare dense attention with: name mask refiners with --sparse.");
            }
            MeasuredModel measured = new MeasuredModel(model, compared, runtime.threads());
            List<CompareResult> results = run(model, compared, ids, measured.provenance().fields());
            if (output.format() == ReportFormat.MD) {
                console.println("");
                try (RowOutput rows = new RowOutput(console, ReportFormat.MD, CompareSummary.COLUMNS)) {
                    compared.stream().skip(1).forEach(arm -> rows.row(CompareSummary.row(arm, results)));
                }
                console.print("\n" + measured.provenance().line() + "; context: prompt + " + tokens + "\n" + measured.arms());
            }
        }
        return 0;
    }

    private List<CompareResult> run(Model model, List<EvalArm> compared, List<int[]> ids, Map<String, Object> before) {
        int all = compared.size() * ids.size();
        int[] done = {0};
        try (RowOutput rows = new RowOutput(console, output.format(), CompareResult.columns()); StepLine line = new StepLine(console)) {
            line.step("prompt 0 " + compared.getFirst().name(), 0, all);
            return Compare.run(model, compared, ids, tokens, ignoreEos, result -> {
                line.erase();
                rows.row(result.row().behind(before));
                done[0]++;
                if (done[0] < all) {
                    line.step("prompt " + done[0] / compared.size() + " " + compared.get(done[0] % compared.size()).name(), done[0], all);
                }
            });
        }
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>(prompts.stream().map(file -> TextFiles.read(console, file)).toList());
        if (text != null) {
            if (words.size() != 2 || count < 1) {
                throw usage(
                        "--words takes the fewest and the most words of a prompt, for example 3000,4000, and --prompts a number above 0.");
            }
            texts.addAll(PromptTexts.cut(TextFiles.read(console, text), words.get(0), words.get(1), count, seed));
        }
        if (texts.isEmpty()) {
            throw usage("There is no prompt: give files with -f, or with --text one that prompts are cut from.");
        }
        return texts;
    }

    /** A prompt that is too long for the model gives nonsense with every arm. */
    private void checkLength(Model model, List<int[]> ids) {
        int limit = options.contextLength() > 0 ? options.contextLength() : model.info().contextLength();
        int longest = ids.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
        if (limit > 0 && longest + (long) tokens > limit) {
            throw new WinnowException(WinnowException.Kind.RESOURCES,
                    "The longest prompt has " + longest + " tokens and is to be continued by "
                            + tokens + ", but the context has only " + limit
                            + ": give shorter prompts (--words), fewer tokens (-n) or a longer context (-c).");
        }
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }
}
