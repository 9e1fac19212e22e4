package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.Needle;
import dev.winnow.core.eval.NeedleKind;
import dev.winnow.launcher.options.ArmsMixin;
import dev.winnow.launcher.options.BackendsMixin;
import dev.winnow.launcher.options.IntegersConverter;
import dev.winnow.launcher.options.RuntimeMixin;
import dev.winnow.launcher.options.SessionMixin;
import dev.winnow.launcher.options.TextFiles;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.report.ReportPart;
import dev.winnow.launcher.report.ReportPlan;
import dev.winnow.launcher.report.ResultsReport;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures speed and accuracy of dense and sparse attention and writes a page about it. */
@Command(name = "report", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measures speed, accuracy and retrieval of dense attention and of every arm of --sparse, in one process, and writes a Markdown page with tables and pictures.",
        "--size says how much is measured; single options change parts of it.", ""})
public final class ReportCommand implements Callable<Integer> {

    private static final int ANSWER_TOKENS = 16;

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "Model file in GGUF format. Repeatable.")
    private List<Path> models = new ArrayList<>();

    @Option(names = {"-f",
            "--file"}, paramLabel = "FILE", required = true, description = "UTF-8 text that accuracy is measured on; the first one hides the needles. Repeatable.")
    private List<Path> files = new ArrayList<>();

    @Option(names = {"-o",
            "--output"}, paramLabel = "FILE", required = true, description = "The page; pictures go into the folder images beside it.")
    private Path output;

    @Mixin
    private ArmsMixin arms;

    @Option(names = "--parts", paramLabel = "PART,...", split = ",", defaultValue = "speed,accuracy,needle", description = "Parts of the page; default ${DEFAULT-VALUE}.")
    private List<ReportPart> parts;

    @Option(names = "--size", paramLabel = "quick|full", defaultValue = "quick", description = "How much is measured; default ${DEFAULT-VALUE}.")
    private ReportSize size;

    @Option(names = {"-d",
            "--n-depth"}, paramLabel = "N,...", converter = IntegersConverter.class, description = "Speed: tokens before the timed ones.")
    private @Nullable List<Integer> depths;

    @Option(names = {"-p",
            "--n-prompt"}, paramLabel = "N", defaultValue = "512", description = "Speed: tokens of the prompt at each depth; 0 for none; default ${DEFAULT-VALUE}.")
    private int prompt;

    @Option(names = {"-n",
            "--n-gen"}, paramLabel = "N", defaultValue = "32", description = "Speed: tokens generated at each depth; 0 for none; default ${DEFAULT-VALUE}.")
    private int generate;

    @Option(names = "--whole-prompts", paramLabel = "N,...", converter = IntegersConverter.class, description = "Speed: lengths of whole prompts; default none.")
    private List<Integer> whole = List.of();

    @Option(names = {"-r", "--repetitions"}, paramLabel = "N", description = "Speed: timed runs.")
    private @Nullable Integer repetitions;

    @Option(names = {"-c", "--ctx-size"}, paramLabel = "N", description = "Accuracy: tokens of a chunk of text.")
    private @Nullable Integer contextLength;

    @Option(names = "--chunks", paramLabel = "N", defaultValue = "1", description = "Accuracy: chunks of each text; 0 for all; default ${DEFAULT-VALUE}.")
    private int chunks;

    @Option(names = "--every", paramLabel = "N", description = "Accuracy: one of N positions of the second half of a prompt is compared.")
    private @Nullable Integer every;

    @Option(names = "--decode", paramLabel = "N", description = "Accuracy: tokens at the end of each chunk that are computed one by one.")
    private @Nullable Integer decode;

    @Option(names = "--lengths", paramLabel = "N,...", converter = IntegersConverter.class, description = "Needle: tokens of the prompts.")
    private @Nullable List<Integer> lengths;

    @Option(names = "--depths", paramLabel = "D,...", split = ",", defaultValue = "0.1,0.5,0.9", description = "Needle: where it is, from 0 to 1; default ${DEFAULT-VALUE}.")
    private List<Double> needleDepths;

    @Option(names = "--kinds", paramLabel = "KIND,...", split = ",", defaultValue = "pass-key", description = "Needle: pass-key, sentence, two-keys; default ${DEFAULT-VALUE}.")
    private List<String> kinds;

    @Option(names = "--seeds", paramLabel = "N", description = "Needle: prompts for each length and depth.")
    private @Nullable Integer seeds;

    @Option(names = "--decoys", paramLabel = "N", defaultValue = "5", description = "Needle: wrong answers; default ${DEFAULT-VALUE}.")
    private int decoys;

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin settings;

    @Mixin
    private SessionMixin session;

    @Mixin
    private BackendsMixin backends;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public ReportCommand() {}

    @Override
    public Integer call() {
        SessionOptions options = session.sessionOptions();
        ResultsReport.make(console, runtime, models, backends.modelOptions(), model -> arms.arms(model, options),
                TextFiles.readAll(console, files), plan(), output,
                PublishedCommand.of(Objects.requireNonNull(spec.commandLine().getParseResult())));
        console.println("Wrote " + output + ".");
        return 0;
    }

    private ReportPlan plan() {
        ReportSize.Numbers numbers = size.numbers();
        Needle.Options needle = new Needle.Options(kinds.stream().map(NeedleKind::parse).toList(), chosen(lengths, numbers.lengths()),
                needleDepths, Needle.Options.seeds(1, chosen(seeds, numbers.seeds())), decoys, ANSWER_TOKENS);
        ArmAccuracy.Options accuracy = new ArmAccuracy.Options(chosen(contextLength, numbers.contextLength()), chunks,
                chosen(every, numbers.every()),
                chosen(decode, numbers.decodeTokens()));
        return new ReportPlan(EnumSet.copyOf(parts), chosen(depths, numbers.depths()), prompt, generate, whole,
                chosen(repetitions, numbers.repetitions()),
                accuracy, needle);
    }

    private static <T> T chosen(@Nullable T asked, T otherwise) {
        return asked == null ? otherwise : asked;
    }
}
