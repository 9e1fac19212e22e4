package dev.winnow.launcher.options;

import dev.winnow.api.SamplingOptions;
import dev.winnow.core.sampling.SamplerSequence;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen; names, defaults and meaning are llama.cpp's. */
public final class SamplingMixin {

    @Option(names = {"-s",
            "--seed"}, paramLabel = "N", defaultValue = "-1", description = "Seed of the random numbers; -1 for a random one, the default.")
    private long seed;

    @Option(names = {"--temp",
            "--temperature"}, paramLabel = "X", defaultValue = "0.8", description = "Temperature; 0 takes the most likely token; default ${DEFAULT-VALUE}.")
    private float temperature;

    @Option(names = "--top-k", paramLabel = "N", defaultValue = "40", description = "Keep the N most likely tokens, 0 for all; default ${DEFAULT-VALUE}.")
    private int topK;

    @Option(names = "--top-p", paramLabel = "X", defaultValue = "0.95", description = "Keep the most likely tokens up to this probability, 1 for all; default ${DEFAULT-VALUE}.")
    private float topP;

    @Option(names = "--min-p", paramLabel = "X", defaultValue = "0.05", description = "Keep tokens at least X times as likely as the best, 0 for all; default ${DEFAULT-VALUE}.")
    private float minP;

    @Option(names = "--repeat-last-n", paramLabel = "N", defaultValue = "64", description = "Tokens that penalties look back at, 0 for none, -1 for the context; default ${DEFAULT-VALUE}.")
    private int repeatLastN;

    @Option(names = "--repeat-penalty", paramLabel = "X", defaultValue = "1.0", description = "Penalty of repeated tokens, 1 for none; default ${DEFAULT-VALUE}.")
    private float repeatPenalty;

    @Option(names = "--frequency-penalty", paramLabel = "X", defaultValue = "0.0", description = "Penalty for each repetition, 0 for none; default ${DEFAULT-VALUE}.")
    private float frequencyPenalty;

    @Option(names = "--presence-penalty", paramLabel = "X", defaultValue = "0.0", description = "Penalty of tokens that occurred, 0 for none; default ${DEFAULT-VALUE}.")
    private float presencePenalty;

    @Option(names = {"--sampling-seq",
            "--sampler-seq"}, paramLabel = "LETTERS", description = "Samplers in order: e penalties, k top-k, p top-p, m min-p, t temperature; default ekpmt.")
    private @Nullable String sequence;

    /**
     * Returns the options.
     *
     * @throws dev.winnow.api.WinnowException for values out of range
     */
    public SamplingOptions options() {
        // llama.cpp takes seeds as unsigned 32-bit numbers; its largest one stands for a random seed, like −1.
        SamplingOptions options = SamplingOptions.defaults().withTemperature(temperature).withTopK(Math.max(0, topK)).withTopP(topP)
                .withMinP(minP)
                .withPenalties(repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN).withSeed(seed == 0xFFFF_FFFFL ? -1 : seed);
        return sequence == null ? options : options.withSequence(SamplerSequence.parse(sequence));
    }
}
