package dev.winnow.launcher.options;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One model, how it is loaded and what its sessions are like, but for sparse attention: commands ask for that in their own ways. */
public final class ModelMixin {

    @Mixin
    @SuppressWarnings("UnusedVariable") // the launcher finds it by its type and makes the runtime from it
    private RuntimeMixin runtime;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE", required = true, description = "Model file in GGUF format.")
    private Path file;

    @Option(names = {"-c",
            "--ctx-size"}, paramLabel = "N", description = "Length of the context in tokens; 0 for the default, the model's own unless said otherwise.")
    private int contextLength;

    @Mixin
    private SessionMixin session;

    @Mixin
    private BackendsMixin backends;

    /** Returns the model file. */
    public Path file() {
        return file;
    }

    /** Returns the length of the context; 0 for the default. */
    public int contextLength() {
        return contextLength;
    }

    /** Loads the model. */
    public Model load(InferenceRuntime inferenceRuntime) {
        return inferenceRuntime.load(file, modelOptions());
    }

    /** Returns the options of loading. */
    public ModelOptions modelOptions() {
        return backends.modelOptions();
    }

    /**
     * Returns the options of a session, with the refiners that the model's metadata asks for.
     *
     * @throws WinnowException if options contradict each other
     */
    public SessionOptions sessionOptions() {
        return session.sessionOptions().withContextLength(contextLength);
    }
}
