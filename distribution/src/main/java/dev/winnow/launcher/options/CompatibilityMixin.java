package dev.winnow.launcher.options;

import dev.winnow.launcher.output.Console;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of llama.cpp that change nothing here and are accepted so that its command lines work as they are: Winnow computes on the CPU, maps model files,
 * chooses its batches itself and never switches into a conversation by itself.
 */
@SuppressWarnings("UnusedVariable") // accepting a value is all that most of them do
public final class CompatibilityMixin {

    @Option(names = {"-ngl", "--gpu-layers", "--n-gpu-layers"}, paramLabel = "N", hidden = true)
    private @Nullable String gpuLayers;

    @Option(names = {"-b", "--batch-size"}, paramLabel = "N", hidden = true)
    private @Nullable String batchSize;

    @Option(names = {"-ub", "--ubatch-size"}, paramLabel = "N", hidden = true)
    private @Nullable String microBatchSize;

    @Option(names = {"-fa", "--flash-attn"}, paramLabel = "on|off|auto", arity = "0..1", hidden = true)
    private @Nullable String flashAttention;

    @Option(names = {"-tb", "--threads-batch"}, paramLabel = "N", hidden = true)
    private @Nullable String batchThreads;

    @Option(names = {"--simple-io", "--no-cnv", "-no-cnv", "--no-conversation", "--no-mmap", "--mlock", "--perf",
            "--no-perf",
            "--no-context-shift", "--no-repack"}, hidden = true)
    private boolean ignored;

    @Option(names = "--no-warmup", hidden = true)
    private boolean noWarmUp;

    /** Returns whether a measurement is to begin cold. */
    public boolean noWarmUp() {
        return noWarmUp;
    }

    /** Warns about an option that asks for what Winnow cannot do. */
    public void warn(Console console) {
        if (gpuLayers != null && !gpuLayers.equals("0")) {
            console.warn("-ngl " + gpuLayers + " has no effect: Winnow computes on the CPU.");
        }
    }
}
