package dev.winnow.launcher.command;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.core.eval.Perplexity;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelOptionsMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.output.Console;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how well a model predicts a text. */
@Command(name = "perplexity", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Measures perplexity as llama-perplexity does: chunks of one context (-c, default 512), of which the second half is scored.", ""})
public final class PerplexityCommand implements Callable<Integer> {

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelOptionsMixin options;

    @Mixin
    private PromptMixin text;

    @Mixin
    private CompatibilityMixin compatibility;

    @Option(names = "--chunks", paramLabel = "N", defaultValue = "0", description = "Number of chunks; 0 for all, the default.")
    private int chunks;

    @Option(names = "--decode", paramLabel = "N", defaultValue = "0", description = "Score the last N tokens of each chunk, computed one by one as in generation; 0 for the second half, computed as a prompt.")
    private int decode;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public PerplexityCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        String content = text.read(console);
        try (Model model = options.load(runtime)) {
            Perplexity.Result result = Perplexity.measure(model, options.sessionOptions(), content, chunks, decode,
                    (chunk, perplexity) -> console.print(String.format(Locale.ROOT, "[%d]%.4f,", chunk, perplexity)));
            console.println(String.format(Locale.ROOT, "%nFinal estimate: PPL = %.4f +/- %.5f", result.perplexity(), result.error()));
        }
        return 0;
    }
}
