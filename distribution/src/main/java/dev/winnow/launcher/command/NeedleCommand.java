package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.Needle;
import dev.winnow.core.eval.NeedleKind;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.core.eval.NeedleSummary;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.ChartMixin;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.RowOutput;
import dev.winnow.launcher.report.MeasuredModel;
import dev.winnow.launcher.report.NeedleChart;
import dev.winnow.launcher.report.NeedleScore;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Hides facts in long texts and asks for them, with dense attention and each way of sparse attention. */
@Command(name = "needle", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Hides a fact in a long text (-f) and asks for it: needle in a haystack, dense and sparse side by side. 'found': the greedy answer "
                + "contains the key; 'chosen': the right answer is more likely than every decoy.",
        ""})
public final class NeedleCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelMixin options;

    @Mixin
    private ArmsMixin arms;

    @Mixin
    private PromptMixin hay;

    @Mixin
    private OutputMixin output;

    @Mixin
    private ChartMixin chart;

    @Mixin
    private CompatibilityMixin compatibility;

    @Option(names = "--lengths", paramLabel = "N,...", split = ",", description = "Tokens of the prompts; default -c, or else 1024,2048,4096.")
    private List<Integer> lengths = new ArrayList<>();

    @Option(names = "--depths", paramLabel = "D,...", split = ",", defaultValue = "0,0.25,0.5,0.75,1", description = "Where the needle is, from 0 (beginning) to 1 (end); default ${DEFAULT-VALUE}.")
    private List<Double> depths;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "3", description = "Prompts for each length and depth; default ${DEFAULT-VALUE}.")
    private int seeds;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of the first of them; default ${DEFAULT-VALUE}.")
    private long firstSeed;

    @Option(names = "--kinds", paramLabel = "KIND,...", split = ",", defaultValue = "pass-key", description = "What is hidden: pass-key, sentence, two-keys; default ${DEFAULT-VALUE}.")
    private List<String> kinds;

    @Option(names = "--decoys", paramLabel = "N", defaultValue = "9", description = "Wrong answers that the right one is compared with; default ${DEFAULT-VALUE}.")
    private int decoys;

    @Option(names = {"-n",
            "--predict"}, paramLabel = "N", defaultValue = "16", description = "Tokens of the greedy answer; default ${DEFAULT-VALUE}.")
    private int answerTokens;

    @Option(names = "--score", paramLabel = "found|chosen", defaultValue = "found", description = "What the picture shows; default ${DEFAULT-VALUE}.")
    private NeedleScore score;

    @Option(names = "--details", description = "In Markdown too: a line for each prompt, not only the shares over all seeds.")
    private boolean details;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public NeedleCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        chart.check();
        Needle.Options asked = new Needle.Options(kinds.stream().map(NeedleKind::parse).toList(), lengths(), depths,
                Needle.Options.seeds(firstSeed, seeds), decoys, answerTokens);
        String text = hay.read(console);
        try (Model model = options.load(runtime)) {
            warnOfLength(model, asked);
            SessionOptions sessionOptions = options.sessionOptions();
            List<EvalArm> compared = arms.arms(model, sessionOptions);
            MeasuredModel measured = new MeasuredModel(model, compared, runtime.threads());
            List<NeedleResult> results = measure(model, compared, text, asked, measured);
            chart.write(() -> NeedleChart.of(model.info(), results, compared.stream().map(EvalArm::name).toList(), score));
        }
        return 0;
    }

    private List<Integer> lengths() {
        if (options.contextLength() > 0 && !lengths.isEmpty()) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "Both -c and --lengths say how long the prompts are: leave out one of them.");
        }
        return !lengths.isEmpty() ? lengths : options.contextLength() > 0 ? List.of(options.contextLength()) : List.of(1024, 2048, 4096);
    }

    private void warnOfLength(Model model, Needle.Options asked) {
        int trained = model.info().contextLength();
        int longest = asked.lengths().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (trained > 0 && longest > trained) {
            console.warn(longest + " tokens are more than the " + trained + " that the model was trained for.");
        }
    }

    /** For programs, each result as soon as it is known; for people, a table at the end. */
    private List<NeedleResult> measure(Model model, List<EvalArm> compared, String text, Needle.Options asked, MeasuredModel measured) {
        boolean eachPrompt = details || output.format() != ReportFormat.MD;
        if (output.format() == ReportFormat.MD) {
            console.print(measured.head());
        }
        List<NeedleResult> results;
        try (NeedleProgress progress = new NeedleProgress(console, asked, compared.size())) {
            if (!eachPrompt) {
                results = Needle.run(model, compared, text, asked, progress::add);
            } else {
                try (RowOutput rows = new RowOutput(console, output.format(), NeedleResult.columns())) {
                    results = Needle.run(model, compared, text, asked, result -> {
                        progress.hide();
                        rows.row(measured.complete(result.arm(), result.row()));
                        progress.add(result);
                    });
                }
            }
        }
        if (!eachPrompt) {
            try (RowOutput rows = new RowOutput(console, output.format(), NeedleSummary.columns())) {
                NeedleSummary.of(results).forEach(summary -> rows.row(summary.row()));
            }
        }
        return results;
    }
}
