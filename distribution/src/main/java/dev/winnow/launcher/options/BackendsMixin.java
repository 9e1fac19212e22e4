package dev.winnow.launcher.options;

import dev.winnow.api.ModelOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is loaded: its backends and whether its weights are checked. */
public final class BackendsMixin {

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

    /** Returns the options of loading. */
    public ModelOptions modelOptions() {
        return new ModelOptions(attentionBackend == null ? backend : attentionBackend, linearBackend == null ? backend : linearBackend,
                elementwiseBackend == null ? backend : elementwiseBackend, checkTensors);
    }
}
