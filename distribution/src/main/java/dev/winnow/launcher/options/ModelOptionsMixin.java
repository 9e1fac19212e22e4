package dev.winnow.launcher.options;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.KvType;
import dev.winnow.spi.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model, how it is loaded and what its sessions are like; names are llama.cpp's where it has the option. */
public final class ModelOptionsMixin {

    private static final String OFF = "off";
    private static final String AUTO = "auto";
    private static final String SPARSEK = "sparsek";

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin runtime;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "Model file in GGUF format.")
    private Path file;

    @Option(names = {"-c",
            "--ctx-size"}, paramLabel = "N", description = "Length of the context in tokens; 0 for the model's own, the default.")
    private int contextLength;

    @Option(names = "--kv-type", paramLabel = "TYPE", converter = KvTypeConverter.class, description = "Storage of keys and values: f32, f16, q8_0; default f16.")
    private @Nullable KvType kvType;

    @Option(names = {"-ctk", "--cache-type-k"}, paramLabel = "TYPE", converter = KvTypeConverter.class, hidden = true)
    private @Nullable KvType keyType;

    @Option(names = {"-ctv", "--cache-type-v"}, paramLabel = "TYPE", converter = KvTypeConverter.class, hidden = true)
    private @Nullable KvType valueType;

    @Option(names = "--sparse", paramLabel = "off|auto|ID", defaultValue = AUTO, description = "Sparse attention: off, as the model's metadata says (auto, the default), or with a mask refiner.")
    private String sparse;

    @Option(names = "--sparsek", paramLabel = "NAME=VALUE,...", converter = SparseKConverter.class, description = "Ask for SparseK with settings, for example top-k=512,window=256.")
    private @Nullable RefinerSetting sparseK;

    @Option(names = "--refiner", paramLabel = "ID[:NAME=VALUE,...]", converter = RefinerSetting.Converter.class, description = "Ask for a mask refiner with settings. Repeatable; see 'winnow plugins'.")
    private List<RefinerSetting> refiners = new ArrayList<>();

    @Option(names = "--on-refiner-error", paramLabel = "fail|dense", converter = RefinerErrorsConverter.class, description = "What a failing mask refiner leads to: an error (fail, the default), or dense attention and a warning.")
    private RefinerErrors refinerErrors = RefinerErrors.FAIL;

    @Option(names = "--backend", paramLabel = "ID", description = "Backend of every kind; default the best available.")
    private @Nullable String backend;

    @Option(names = "--attention-backend", paramLabel = "ID", description = "Backend of the attention; goes before --backend.")
    private @Nullable String attentionBackend;

    @Option(names = "--linear-backend", paramLabel = "ID", description = "Backend of the matrix products; goes before --backend.")
    private @Nullable String linearBackend;

    @Option(names = "--elementwise-backend", paramLabel = "ID", description = "Backend of norms and activations; goes before --backend.")
    private @Nullable String elementwiseBackend;

    @Option(names = "--check-tensors", description = "Search all weights for NaN and infinite values.")
    private boolean checkTensors;

    /** Returns the model file. */
    public Path file() {
        return file;
    }

    /** Returns the length of the context; 0 for the model's own. */
    public int contextLength() {
        return contextLength;
    }

    /** Loads the model. */
    public Model load(InferenceRuntime inferenceRuntime) {
        return inferenceRuntime.load(file, modelOptions());
    }

    /** Returns the options of loading. */
    public ModelOptions modelOptions() {
        return new ModelOptions(attentionBackend == null ? backend : attentionBackend, linearBackend == null ? backend : linearBackend,
                elementwiseBackend == null ? backend : elementwiseBackend, checkTensors);
    }

    /**
     * Returns the options of a session.
     *
     * @throws WinnowException if options contradict each other
     */
    public SessionOptions sessionOptions() {
        SessionOptions options = SessionOptions.defaults().withContextLength(contextLength).withKvType(storage())
                .withRefinerErrors(refinerErrors);
        List<RefinerSetting> asked = new ArrayList<>(refiners);
        if (sparseK != null) {
            asked.add(sparseK);
        }
        if (sparse.equals(OFF)) {
            if (!asked.isEmpty()) {
                throw usage("--sparse off contradicts the mask refiner '" + asked.getFirst().id() + "': leave out one of them.");
            }
            return options.dense();
        }
        if (!sparse.equals(AUTO) && asked.stream().noneMatch(setting -> setting.id().equals(sparse))) {
            asked.add(new RefinerSetting(sparse, Settings.none()));
        }
        for (RefinerSetting setting : asked) {
            if (options.refiners().containsKey(setting.id())) {
                throw usage("The mask refiner '" + setting.id() + "' is asked for twice: give all its settings at once.");
            }
            options = options.withRefiner(setting.id(), setting.settings());
        }
        return options;
    }

    private KvType storage() {
        KvType common = kvType == null ? KvType.F16 : kvType;
        KvType keys = keyType == null ? common : keyType;
        KvType values = valueType == null ? common : valueType;
        if (keys != values) {
            throw usage("Keys are to be stored as " + keys + " and values as " + values
                    + ", but Winnow stores both alike: give -ctk and -ctv the same type, or use --kv-type.");
        }
        return keys;
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

    /** Reads {@code fail} or {@code dense}. */
    static final class RefinerErrorsConverter implements ITypeConverter<RefinerErrors> {
        @Override
        public RefinerErrors convert(String text) {
            return switch (text) {
                case "fail" -> RefinerErrors.FAIL;
                case "dense" -> RefinerErrors.DENSE;
                default -> throw new picocli.CommandLine.TypeConversionException("'" + text + "' is neither fail nor dense");
            };
        }
    }
}
