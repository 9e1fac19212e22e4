package dev.winnow.launcher.options;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.output.Console;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model, how it is loaded and what its sessions are like; names are llama.cpp's where it has the option. */
public final class ModelOptionsMixin {

    private static final String SPARSEK = "sparsek";

    @Mixin
    private ModelMixin model;

    @Option(names = "--sparse", paramLabel = "off|auto|FILE.json|ID[:...]", description = "Sparse attention: off, as the model's profile or metadata says (auto, the default), as a profile of 'winnow calibrate' says, or with mask refiners, ID[:NAME=VALUE,...][+ID...]. "
            + ArmSpec.COST)
    private @Nullable String sparse;

    @Option(names = "--sparsek", paramLabel = "NAME=VALUE,...", converter = SparseKConverter.class, description = "Ask for SparseK with settings, for example top-k=512,window=256.")
    private @Nullable RefinerSetting sparseK;

    @Option(names = "--refiner", paramLabel = "ID[:NAME=VALUE,...]", converter = RefinerSetting.Converter.class, description = "Ask for a mask refiner with settings. Repeatable; see 'winnow plugins'.")
    private List<RefinerSetting> refiners = new ArrayList<>();

    /** Returns the model file. */
    public Path file() {
        return model.file();
    }

    /** Returns the length of the context; 0 for the model's own. */
    public int contextLength() {
        return model.contextLength();
    }

    /** Loads the model. */
    public Model load(InferenceRuntime inferenceRuntime) {
        return model.load(inferenceRuntime);
    }

    /** Returns the options of loading. */
    public ModelOptions modelOptions() {
        return model.modelOptions();
    }

    /**
     * Returns the options of a session.
     *
     * @throws WinnowException if options contradict each other, or a profile was made for another model
     */
    public SessionOptions sessionOptions() {
        SessionOptions options = model.sessionOptions();
        ArmSpec spec = ArmSpec.parseOne(sparse == null ? ArmSpec.AUTO : sparse);
        spec.requireMadeFor(model.file());
        List<RefinerSetting> asked = new ArrayList<>(refiners);
        if (sparseK != null) {
            asked.add(sparseK);
        }
        if (spec.isOff() && !asked.isEmpty()) {
            throw usage("--sparse off contradicts the mask refiner '" + asked.getFirst().id() + "': leave out one of them.");
        }
        for (RefinerSetting named : spec.refiners()) { // an id alone may have its settings in another option
            if (!named.settings().isEmpty() || asked.stream().noneMatch(setting -> setting.id().equals(named.id()))) {
                asked.add(named);
            }
        }
        if (spec.isOff()) {
            return options.dense();
        }
        for (RefinerSetting setting : asked) {
            if (options.refiners().containsKey(setting.id())) {
                throw usage("The mask refiner '" + setting.id() + "' is asked for twice: give all its settings at once.");
            }
            options = options.withRefiner(setting.id(), setting.settings());
        }
        return options;
    }

    /**
     * Opens a session, and says so if automatic sparse attention was asked for and nothing tells what to leave out.
     *
     * @throws WinnowException if options contradict each other
     */
    public Session open(Console console, Model loaded) {
        SessionOptions options = sessionOptions();
        Session session = loaded.newSession(options);
        if (ArmSpec.AUTO.equals(sparse) && options.refiners().isEmpty() && session.refiners().stream().allMatch(RefinerReport::required)) {
            console.warn(
                    "--sparse auto finds nothing to leave out, because neither a profile that is proven nor the metadata of the model says what: "
                            + "attention is dense; 'winnow calibrate' makes a profile.");
        }
        return session;
    }

    private static WinnowException usage(String message) {
        return new WinnowException(WinnowException.Kind.USAGE, message);
    }

    /** Reads the settings of SparseK. */
    static final class SparseKConverter implements ITypeConverter<RefinerSetting> {
        @Override
        public RefinerSetting convert(String text) {
            return new RefinerSetting(SPARSEK, RefinerSetting.settings(SPARSEK, text));
        }
    }
}
