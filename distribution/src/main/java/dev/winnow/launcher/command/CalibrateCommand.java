package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.calibration.Calibration;
import dev.winnow.core.gguf.GgufCopier;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufValue;
import dev.winnow.core.gguf.MetadataEdit;
import dev.winnow.core.io.UnfinishedFile;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.TextFiles;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.StepLine;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Finds how sparse the attention of a model may be, and writes it down beside the model. */
@Command(name = "calibrate", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Finds, for each attention head, how many keys prompts may leave out, and for generation how many of them are enough, so that perplexity rises by no more than a target, and writes a profile beside the model.",
        "Commands with --sparse auto (the default) use the profile if it has shown at most +0.5 %% on held-out text. Sparse attention always costs some accuracy: the report says how much.",
        "The first context of each --text is used for choosing, and other text for judging: up to three contexts of each --held-out, or of each --text without any. Takes as long as about 20 prompts of a context: eight minutes with 135M parameters, 8192 tokens and two cores.",
        ""}, footerHeading = "%nExamples:%n", footer = {
                "  winnow calibrate -m model.gguf --text essays.txt --text manual.txt        # writes model.gguf.sparse.json",
                "  winnow calibrate -m model.gguf --text essays.txt --held-out other.txt --gguf sparse.gguf"})
public final class CalibrateCommand implements Callable<Integer> {

    private static final int CONTEXT = 8192;

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelMixin options;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "A UTF-8 text of two contexts or more (-c, default 8192 tokens), of the kind that the model will read. Repeatable: several kinds of text make a better profile.")
    private List<Path> texts = new ArrayList<>();

    @Option(names = "--held-out", paramLabel = "FILE", description = "A text of two contexts or more that is only used for judging. Repeatable: the one that loses most counts.")
    private List<Path> heldOut = new ArrayList<>();

    @Option(names = "--target-ppl", paramLabel = "PERCENT", defaultValue = "0.5%", converter = PercentConverter.class, description = "Largest increase of the perplexity; default 0.5%%.")
    private double largestIncrease;

    @Option(names = "--profile", paramLabel = "FILE", description = "Where to write the profile; default MODEL.sparse.json beside the model, where it is found. --sparse FILE.json uses it from elsewhere.")
    private @Nullable Path profile;

    @Option(names = "--gguf", paramLabel = "FILE", description = "Write the profile into a copy of the model instead, as the metadata key winnow.sparsek.profile.")
    private @Nullable Path copy;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public CalibrateCommand() {}

    @Override
    public Integer call() {
        if (profile != null && copy != null) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "Both --profile and --gguf say where the profile goes: leave out one of them.");
        }
        checkTarget();
        Calibration.Request request = new Calibration.Request(TextFiles.readAll(console, texts), TextFiles.readAll(console, heldOut),
                largestIncrease);
        try (Model model = options.load(runtime)) {
            Optional<SparseProfile> found = calibrate(model, request);
            if (found.isEmpty()) {
                console.println("No choice of keys holds the target of " + percent(largestIncrease)
                        + ": attention stays dense, and no profile is written. Try a higher target, or more text.");
            } else {
                report(found.get());
                write(found.get());
                reportUse(found.get());
            }
        }
        return 0;
    }

    /** Calibration takes long, and its result must not be lost because it cannot be written. */
    private void checkTarget() {
        if (copy != null) {
            try (GgufFile model = GgufFile.open(options.file())) {
                GgufCopier.requireOther(model, copy);
            }
        }
        UnfinishedFile.check(copy == null ? "sparse profile" : "model", target());
    }

    private Path target() {
        return copy != null ? copy : profile != null ? profile : ModelProfile.pathOf(options.file());
    }

    private Optional<SparseProfile> calibrate(Model model, Calibration.Request request) {
        SessionOptions session = options.sessionOptions();
        int trained = model.info().contextLength();
        int length = session.contextLength() > 0 ? session.contextLength() : trained > 0 ? Math.min(CONTEXT, trained) : CONTEXT;
        try (StepLine line = new StepLine(console)) {
            return Calibration.run(model, session.withContextLength(length), request, new Calibration.Progress() {
                @Override
                public void step(String name, int done, int all) {
                    line.step(name, done, all);
                }

                @Override
                public void result(String text) {
                    line.erase();
                    console.note(text);
                }
            });
        }
    }

    private void write(SparseProfile found) {
        if (copy == null) {
            found.write(target());
            return;
        }
        try (GgufFile model = GgufFile.open(options.file())) {
            GgufCopier.annotate(model, copy, List.of(new MetadataEdit(ModelProfile.KEY, GgufValue.string(found.json()))));
        }
    }

    private void report(SparseProfile found) {
        console.println("Settings:   --sparse " + found.refiner() + ":" + found.settings());
        console.println("Context:    " + found.contextLength() + " tokens");
        console.println("Held out:   " + found.heldOut());
        console.println("Prompts:    " + text(found.prompts()));
        console.println("Generation: " + text(found.generation()));
    }

    private void reportUse(SparseProfile found) {
        Path file = target();
        console.println("Profile:    " + file);
        console.println(!found.isProven()
                ? "--sparse auto does not use it: that takes a perplexity of at most +0.5 % and a KL divergence of at most 0.01 on held-out text."
                : isFound(file)
                        ? "--sparse auto uses it from now on."
                        : "--sparse " + file + " uses it; --sparse auto only looks for " + ModelProfile.pathOf(options.file()) + ".");
    }

    /** Returns whether commands find the profile by themselves. */
    private boolean isFound(Path file) {
        return copy != null || file.toAbsolutePath().normalize().equals(ModelProfile.pathOf(options.file()).toAbsolutePath().normalize());
    }

    private static String text(SparseProfile.Judgement judgement) {
        return judgement.equals(SparseProfile.Judgement.DENSE)
                ? "dense"
                : String.format(Locale.ROOT,
                        "%.1f %% of the keys, %.1f %% of dense attention for choosing; worst text: perplexity %+.2f ± %.2f %%, KL divergence %.5f",
                        100 * judgement.keptRatio(), 100 * judgement.selectionRatio(), 100 * judgement.pplChange(),
                        100 * judgement.pplChangeError(), judgement.kld());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Reads a percentage, with or without its sign. */
    static final class PercentConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            String number = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
            try {
                double percent = Double.parseDouble(number.strip());
                if (percent > 0 && percent <= 100) {
                    return percent / 100;
                }
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a percentage, for example 0.5%");
            }
            throw new TypeConversionException("'" + text + "' is not a percentage above 0 and up to 100");
        }
    }
}
