package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.KlComparison;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.Perplexity;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.OutputMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.ProgressBar;
import dev.winnow.launcher.report.MeasuredModel;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how well a model predicts a text, dense and sparse side by side. */
@Command(name = "perplexity", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measures perplexity as llama-perplexity does: chunks of one context (-c, default 512), of which the second half is scored.",
        "With --kl-divergence-base alone, dense attention writes that file and the arms of --sparse are compared with it.", ""})
public final class PerplexityCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelMixin options;

    @Mixin
    private PromptMixin text;

    @Option(names = "--chunks", paramLabel = "N", defaultValue = "0", description = "Number of chunks; 0 for all, the default.")
    private int chunks;

    @Option(names = "--decode", paramLabel = "N", defaultValue = "0", description = "Score the last N tokens of each chunk, computed one by one as in generation; 0 for the second half, computed as a prompt.")
    private int decode;

    @Option(names = {"--kl-divergence-base",
            "--save-all-logits"}, paramLabel = "FILE", description = "File of log-probabilities in llama.cpp's format: written, or read with --kl-divergence.")
    private @Nullable Path base;

    @Option(names = "--kl-divergence", description = "Compare with the file of --kl-divergence-base; the text is taken from it.")
    private boolean compare;

    @Mixin
    private ArmsMixin arms;

    @Mixin
    private OutputMixin output;

    @Mixin
    private CompatibilityMixin compatibility;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public PerplexityCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        check();
        String content = compare ? "" : text.read(console);
        try (Model model = options.load(runtime)) {
            List<EvalArm> measured = arms.arms(model, options.sessionOptions());
            PerplexityReport report = new PerplexityReport(new MeasuredModel(model, measured, runtime.threads()), decode);
            try {
                for (int i = 0; i < measured.size(); i++) {
                    if (measured.size() > 1 && isForPeople()) {
                        console.println((i == 0 ? "" : "\n") + measured.get(i).name());
                    }
                    measure(model, measured.get(i), content, i == 0, report);
                }
            } finally { // if an arm fails, the numbers of those before are still worth something
                report.write(console, output.format());
            }
        }
        return 0;
    }

    private void check() {
        if (compare && base == null) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "--kl-divergence compares with a file: name it with --kl-divergence-base FILE.");
        }
        if (!compare && base != null && decode > 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "--decode cannot be used while " + base
                    + " is written, because the file holds the second half of each chunk: write it first, then compare with --kl-divergence --decode.");
        }
    }

    private boolean isForPeople() {
        return output.format() == ReportFormat.MD;
    }

    private void measure(Model model, EvalArm arm, String content, boolean first, PerplexityReport report) {
        try (ProgressBar bar = new ProgressBar(console, arm.name())) {
            if (base != null && (compare || !first)) {
                KlComparison.Result result = KlComparison.measure(model, arm.options(), base, chunks, decode, (chunk, statistics) -> {
                    if (isForPeople()) {
                        bar.erase();
                        if (chunk == 1) {
                            console.println(KlStatistics.chunkHeader());
                        }
                        console.println(statistics.chunkLine(chunk));
                    }
                }, bar);
                report.add(arm, result);
                if (isForPeople()) {
                    console.print("\n" + result.statistics().summary());
                }
            } else {
                RunningValues running = new RunningValues();
                Perplexity.Result result = base == null
                        ? Perplexity.measure(model, arm.options(), content, chunks, decode, running::add, bar)
                        : Perplexity.measureAndSave(model, arm.options(), content, chunks, base, running::add, bar);
                bar.erase();
                running.finish();
                report.add(arm, result);
                if (isForPeople()) {
                    console.println("\n" + result.finalEstimate());
                }
            }
        }
    }

    /** Writes llama-perplexity's line of running values: chunk by chunk, or at the end if a progress bar stands in its line on the terminal. */
    private final class RunningValues {

        private final StringBuilder waiting = new StringBuilder();

        void add(int chunk, double perplexity) {
            waiting.append(String.format(Locale.ROOT, "[%d]%.4f,", chunk, perplexity));
            if (!console.errorIsTerminal()) {
                finish();
            }
        }

        void finish() {
            if (isForPeople()) {
                console.print(waiting.toString());
            }
            waiting.setLength(0);
        }
    }
}
