package dev.winnow.launcher.command;

import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelOptionsMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.options.SamplingMixin;
import dev.winnow.launcher.options.TokenLimitConverter;
import dev.winnow.launcher.output.Console;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text: the answer goes to the standard output as it is generated, one line about the speed to the standard error. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Continues a text with a model. Takes llama.cpp's options.",
        ""}, footerHeading = "%nExamples:%n", footer = {
                "  winnow run -m model.gguf -p 'Once upon a time' -n 100",
                "  winnow run -m model.gguf -f long.txt -c 32768 --sparsek top-k=512,window=256   # sparse attention",
                "  winnow run -m model.gguf -f long.txt --sparse off                              # the same, dense, to compare",
                "  cat question.txt | winnow run -m model.gguf --temp 0 > answer.txt",
                "",
                "Related: 'winnow chat' for conversations, 'winnow inspect' and 'winnow doctor' when something is slow or fails."})
public final class RunCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;
    private static final int MAX_TIMEOUT = 1_000_000_000; // seconds, 31 years

    @Inject
    private Console console;

    @Inject
    private InferenceRuntime runtime;

    @Mixin
    private ModelOptionsMixin options;

    @Mixin
    private PromptMixin prompt;

    @Mixin
    private SamplingMixin sampling;

    @Mixin
    private CompatibilityMixin compatibility;

    @Option(names = {"-n", "--predict",
            "--n-predict"}, paramLabel = "N", converter = TokenLimitConverter.class, defaultValue = "-1", description = "Tokens to generate; -1 for until the model ends or the context is full, the default.")
    private int maxTokens;

    @Option(names = {"--stop", "-r",
            "--reverse-prompt"}, paramLabel = "TEXT", description = "End when this text appears; it is not shown. Repeatable.")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Stop after this time, the prompt included, with exit code 124.")
    private @Nullable Double timeout;

    @Option(names = "--ignore-eos", description = "Never choose the tokens that end a text.")
    private boolean ignoreEos;

    @Option(names = {"-sp", "--special"}, description = "Show control tokens by their names.")
    private boolean special;

    @Option(names = "--display-prompt", negatable = true, defaultValue = "false", fallbackValue = "true", description = "Show the prompt before the answer, or not (default).")
    private boolean displayPrompt;

    private @Nullable Duration limit() {
        if (timeout == null) {
            return null;
        }
        if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The time limit is " + timeout + " s, but takes more than 0 and up to " + MAX_TIMEOUT + " (--timeout).");
        }
        return Duration.ofMillis(Math.round(1000 * timeout));
    }

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public RunCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        String text = prompt.read(console);
        List<String> stopTexts = stops.stream().map(prompt::unescape).filter(stop -> !stop.isEmpty()).toList();
        try (Model model = options.load(runtime);
                Session session = options.open(console, model);
                Interruption interruption = new Interruption(console, runtime, limit())) {
            int trained = model.info().contextLength();
            if (trained > 0 && session.contextLength() > trained) {
                console.warn("-c " + session.contextLength() + " is more than the " + trained + " tokens that the model was trained for.");
            }
            int[] tokens = model.tokenizer().encode(text, true, true);
            if (displayPrompt) {
                console.print(special ? model.tokenizer().decode(tokens, true) : text);
            }
            GenerationRequest request = GenerationRequest.of(tokens).withMaxTokens(maxTokens)
                    .withSampling(sampling.options()).withStopStrings(stopTexts).withIgnoreEos(ignoreEos)
                    .withCancellation(interruption.cancellation());
            try (AnswerDisplay display = new AnswerDisplay(console, model, special, displayPrompt)) {
                GenerationResult result = session.generate(request, display);
                display.finish();
                console.note(Summary.of(result, session));
                return switch (result.finishReason()) {
                    case CANCELLED -> INTERRUPTED;
                    case TIMEOUT -> Interruption.TIMED_OUT;
                    case END_OF_GENERATION, STOP_STRING, LENGTH, CONTEXT_FULL -> 0;
                };
            }
        }
    }
}
