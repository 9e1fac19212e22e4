package dev.winnow.launcher;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.Perplexity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code winnow perplexity}: how well a model predicts a text. */
@Command(name = "perplexity", mixinStandardHelpOptions = true, sortOptions = false, description = "Measures perplexity as llama-perplexity does: chunks of one context (default 512), the second half of each is scored.")
final class PerplexityCommand implements Callable<Integer> {

    @Mixin
    private ModelMixin model = new ModelMixin();

    @Mixin
    private RuntimeMixin runtime = new RuntimeMixin();

    @Option(names = {"-f", "--file"}, required = true, paramLabel = "FILE", description = "Text to measure, UTF-8.")
    private @Nullable Path text;

    @Option(names = "--chunks", paramLabel = "N", defaultValue = "0", description = "Number of chunks; 0: all.")
    private int chunks;

    @Option(names = "--decode", paramLabel = "N", defaultValue = "0", description = "Score the last N tokens of each chunk, computed one by one as in generation; 0: the second half, computed as a prompt.")
    private int decode;

    @Override
    public Integer call() {
        String content = content();
        return runtime.withRuntime(winnow -> measure(winnow, content));
    }

    private String content() {
        try {
            if (text == null) {
                throw new WinnowException(WinnowException.Kind.USAGE, "No text is given: add -f FILE.");
            }
            // A text cut in the middle of a character, as by head -c, is measured all the same.
            return new String(Files.readAllBytes(text), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text cannot be read: " + e + ".", e);
        }
    }

    private int measure(InferenceRuntime winnow, String content) {
        try (Model loaded = winnow.load(model.file(), model.modelOptions())) {
            Perplexity.Result result = Perplexity.measure(loaded, model.sessionOptions(), content, chunks, decode, (chunk, perplexity) -> {
                System.out.printf(Locale.ROOT, "[%d]%.4f,", chunk, perplexity);
                System.out.flush();
            });
            System.out.printf(Locale.ROOT, "%nFinal estimate: PPL = %.4f +/- %.5f%n", result.perplexity(), result.error());
            return ExitCodes.OK;
        }
    }
}
