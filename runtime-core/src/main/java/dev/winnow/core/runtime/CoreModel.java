package dev.winnow.core.runtime;

import dev.winnow.api.Cancellation;
import dev.winnow.api.ChatMessage;
import dev.winnow.api.ModelInfo;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.core.chat.ChatPrompt;
import dev.winnow.core.chat.ChatTemplate;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.gguf.GgufTensor;
import dev.winnow.core.gguf.TensorCheck;
import dev.winnow.core.model.Backends;
import dev.winnow.core.model.LoadedWeights;
import dev.winnow.core.model.ModelLoader;
import dev.winnow.core.model.ModelSpec;
import dev.winnow.core.parallel.WorkerPool;
import dev.winnow.core.plugin.Candidate;
import dev.winnow.core.plugin.PluginRegistry;
import dev.winnow.core.plugin.ProviderKind;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.reference.ReferenceLinearProvider;
import dev.winnow.core.tokenizer.Tokenizers;
import dev.winnow.spi.AttentionBackendProvider;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.ElementwiseBackendProvider;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.LinearBackendProvider;
import dev.winnow.spi.ModelMetadata;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A loaded model: mapped file, weights, backends, tokenizer. */
final class CoreModel implements RefinedModel {

    private static final String NO_TOKENIZER = "none";

    private final GgufFile file;
    private final WorkerPool pool;
    private final LoadedWeights weights;
    private final Backends backends;
    private final List<String> backendIds;
    private final @Nullable Tokenizer tokenizer;
    private final ModelInfo info;
    private final WarmUps warmUps;
    private final RefinerChoice refiners;
    private volatile boolean closed; // written by who has the workers

    CoreModel(GgufFile file, ModelOptions options, PluginRegistry plugins, WorkerPool pool) {
        this.file = file;
        this.refiners = new RefinerChoice(plugins, this);
        this.pool = pool;
        BackendContext context = new BackendContext(pool.size());
        Candidate attention = plugins.backend(ProviderKind.ATTENTION, options.attentionBackend());
        Candidate linear = plugins.backend(ProviderKind.LINEAR, options.linearBackend());
        Candidate elementwise = plugins.backend(ProviderKind.ELEMENTWISE, options.elementwiseBackend());
        this.backends = backends(attention, linear, elementwise, context);
        this.backendIds = List.of(attention.id(), linear.id(), elementwise.id());
        String kind = file.metadata().string("tokenizer.ggml.model")
                .orElseThrow(() -> new WinnowException(WinnowException.Kind.MODEL,
                        "The key tokenizer.ggml.model is missing from the model's metadata."));
        ModelSpec spec = ModelLoader.spec(file); // before the tokenizer: an unknown architecture is the more useful message
        this.warmUps = new WarmUps(
                new WarmUp.Original(file, spec, () -> backends(attention, linear, elementwise, new BackendContext(1))));
        try {
            this.tokenizer = kind.equals(NO_TOKENIZER) ? null : Tokenizers.of(file.metadata());
            if (options.checkTensors()) {
                TensorCheck.requireFinite(file);
            }
            LinearBackend fallback = new ReferenceLinearProvider().create(context);
            this.weights = ModelLoader.load(file, backends.linear(), fallback);
            this.info = describe(file, spec);
        } catch (RuntimeException | Error e) {
            warmUps.close(); // nobody is going to use what it compiles
            throw e;
        }
    }

    private static Backends backends(Candidate attention, Candidate linear, Candidate elementwise, BackendContext context) {
        return new Backends(attention.call(provider -> ((AttentionBackendProvider) provider).create(context)),
                linear.call(provider -> ((LinearBackendProvider) provider).create(context)),
                elementwise.call(provider -> ((ElementwiseBackendProvider) provider).create(context)),
                new Backends.Names(attention.name(), linear.name(), elementwise.name()));
    }

    private static ModelInfo describe(GgufFile file, ModelSpec spec) {
        long parameters = 0;
        long bytes = 0;
        Map<String, Long> bytesByType = new HashMap<>();
        for (GgufTensor tensor : file.tensors()) {
            parameters += tensor.elements();
            bytes += tensor.byteSize();
            if (tensor.shape().size() > 1) {
                bytesByType.merge(tensor.typeName(), tensor.byteSize(), Long::sum);
            }
        }
        String type = bytesByType.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse("F32");
        String fileName = String.valueOf(file.path().getFileName());
        return new ModelInfo(file.path(), file.metadata().string("general.name").orElse(fileName), spec.architecture(),
                String.format(Locale.ROOT, "%s %.2fM %s", spec.architecture(), parameters / 1e6, type), parameters, bytes,
                spec.layers().size(),
                spec.embeddingLength(), spec.contextLength(), spec.vocabularySize());
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public ModelMetadata metadata() {
        return file.metadata();
    }

    @Override
    public List<LayerSpec> layers() {
        return weights.spec().layers();
    }

    @Override
    public Tokenizer tokenizer() {
        if (tokenizer == null) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    file.path().getFileName() + " has no tokenizer: give token ids instead of text.");
        }
        return tokenizer;
    }

    @Override
    public List<String> backends() {
        return backendIds;
    }

    @Override
    public Optional<int[]> chatPrompt(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return tokenizer == null
                ? Optional.empty()
                : ChatTemplate.of(file.metadata(), tokenizer)
                        .map(template -> ChatPrompt.encode(template, tokenizer, messages, addGenerationPrompt));
    }

    @Override
    public Session newSession(SessionOptions options) {
        requireOpen();
        return new CoreSession(this, options, refiners.choose(options));
    }

    /** Returns what has the JVM compile the code of this model. */
    WarmUps warmUps() {
        return warmUps;
    }

    /**
     * Returns what to fail with because something that was computed is not finite.
     *
     * @param what  the subject of the sentence, in the plural
     * @throws WinnowException that names the weights if it is their fault; otherwise one that names the backends is returned
     */
    WinnowException notFinite(String what) {
        TensorCheck.requireFinite(file);
        Backends.Names names = backends.names();
        return new WinnowException(WinnowException.Kind.PLUGIN, file.path().getFileName()
                + ": the " + what + " are NaN or infinite, although the weights are finite; a backend is wrong: linear " + names.linear()
                + ", elementwise "
                + names.elementwise() + " or attention " + names.attention() + "; compare with --backend reference.");
    }

    @Override
    public Session newSession(SessionOptions options, String id, RefinerDecision.Applies decision) {
        requireOpen();
        List<RefinerChoice.Chosen> chosen = new ArrayList<>(refiners.choose(options));
        chosen.add(new RefinerChoice.Chosen(id, "this runtime", decision, false, decision.factory()::create));
        return new CoreSession(this, options, chosen);
    }

    @Override
    public RefinerDecision decide(String id, Settings settings) {
        return refiners.decide(id, settings);
    }

    ModelProfile findProfile() {
        return ModelProfile.find(file);
    }

    LoadedWeights weights() {
        return weights;
    }

    Backends computing() {
        return backends;
    }

    WorkerPool pool() {
        return pool;
    }

    /**
     * Fails if the model was closed; who has the workers may then rely on it.
     *
     * @throws IllegalStateException if it was
     */
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The model " + info.name() + " was closed.");
        }
    }

    @Override
    public void close() {
        if (pool.isHeld()) {
            throw new IllegalStateException("A callback of a session that is appending tokens cannot close the model "
                    + info.name() + ": close it when the call has returned.");
        }
        warmUps.close();
        pool.acquire(Cancellation.never()); // kernels read the mapped file without asking whether it is still there
        try {
            closed = true;
            file.close();
        } finally {
            pool.release();
        }
    }
}
