package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.calibration.Calibration;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.launcher.options.ModelMixin;
import dev.winnow.launcher.options.TextFiles;
import dev.winnow.launcher.output.Console;
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
        "Finds, for each attention head, how many keys prompts may leave out so that perplexity rises by no more than a target, and writes a profile beside the model.",
        "Commands with --sparse auto (the default) use the profile if it has shown at most +0.5 %% on every held-out text. Sparse attention always costs some accuracy: the report says how much.",
        "The first context of each text is used for choosing, the last one for judging. Takes about 15 passes over a context for each text.",
        ""})
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

    @Option(names = "--target-ppl", paramLabel = "PERCENT", defaultValue = "0.5%", converter = PercentConverter.class, description = "Largest increase of the perplexity; default 0.5%%.")
    private double target;

    @Option(names = "--profile", paramLabel = "FILE", description = "Where to write the profile; default MODEL.sparse.json beside the model, where it is found.")
    private @Nullable Path profile;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public CalibrateCommand() {}

    @Override
    public Integer call() {
        List<String> contents = texts.stream().map(file -> TextFiles.read(console, file)).toList();
        try (Model model = options.load(runtime)) {
            SessionOptions session = options.sessionOptions();
            int trained = model.info().contextLength();
            int length = session.contextLength() > 0 ? session.contextLength() : trained > 0 ? Math.min(CONTEXT, trained) : CONTEXT;
            Optional<SparseProfile> found = Calibration.run(model, session.withContextLength(length), contents, target, console::note);
            if (found.isEmpty()) {
                console.println(
                        "No choice of keys holds the target of " + percent(target) + ": attention stays dense. Try a higher target.");
                return 0;
            }
            Path file = profile == null ? SparseProfile.pathOf(options.file()) : profile;
            found.get().write(file);
            report(found.get(), file);
        }
        return 0;
    }

    private void report(SparseProfile found, Path file) {
        console.println("Settings:            --refiner " + found.refiner() + ":" + found.settings());
        console.println("Context:             " + found.contextLength() + " tokens");
        console.println("Kept keys:           " + percent(found.keptRatio()) + ", and " + percent(found.selectionRatio())
                + " of dense attention for choosing");
        console.println("Worst held-out text: perplexity " + String.format(Locale.ROOT, "%+.2f ± %.2f %%", 100 * found.pplChange(),
                100 * found.pplChangeError()) + String.format(Locale.ROOT, ", KL divergence %.5f", found.kld()));
        console.println("Profile:             " + file);
        console.println(found.isProven()
                ? "--sparse auto uses it from now on."
                : "--sparse auto does not use it: it takes a perplexity of at most +0.5 % on every held-out text.");
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
