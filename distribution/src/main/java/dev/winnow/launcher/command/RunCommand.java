package dev.winnow.launcher.command;

import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.api.TokenDecoder;
import dev.winnow.launcher.options.CompatibilityMixin;
import dev.winnow.launcher.options.ModelOptionsMixin;
import dev.winnow.launcher.options.PromptMixin;
import dev.winnow.launcher.options.SamplingMixin;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.ProgressBar;
import dev.winnow.spi.AttentionPhase;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text: the answer goes to the standard output as it is generated, one line about the speed to the standard error. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Continues a text with a model. Takes llama.cpp's options.", ""})
public final class RunCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

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
            "--n-predict"}, paramLabel = "N", defaultValue = "-1", description = "Tokens to generate; -1 for until the model ends or the context is full, the default.")
    private int maxTokens;

    @Option(names = {"--stop", "-r",
            "--reverse-prompt"}, paramLabel = "TEXT", description = "End when this text appears; it is not shown. Repeatable.")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Never choose the tokens that end a text.")
    private boolean ignoreEos;

    @Option(names = {"-sp", "--special"}, description = "Show control tokens by their names.")
    private boolean special;

    @Option(names = "--display-prompt", negatable = true, defaultValue = "false", fallbackValue = "true", description = "Show the prompt before the answer, or not (default).")
    private boolean displayPrompt;

    /** Creates the command; its fields are filled in from the command line and by the container. */
    public RunCommand() {}

    @Override
    public Integer call() {
        compatibility.warn(console);
        String text = prompt.read(console);
        List<String> stopTexts = stops.stream().map(prompt::unescape).filter(stop -> !stop.isEmpty()).toList();
        try (Model model = options.load(runtime);
                Session session = model.newSession(options.sessionOptions());
                Interruption interruption = new Interruption()) {
            int trained = model.info().contextLength();
            if (trained > 0 && session.contextLength() > trained) {
                console.warn("-c " + session.contextLength() + " is more than the " + trained + " tokens that the model was trained for.");
            }
            int[] tokens = model.tokenizer().encode(text, true, true);
            if (displayPrompt) {
                console.print(special ? model.tokenizer().decode(tokens, true) : text);
            }
            GenerationRequest request = GenerationRequest.of(tokens).withMaxTokens(Math.max(-1, maxTokens))
                    .withSampling(sampling.options()).withStopStrings(stopTexts).withIgnoreEos(ignoreEos)
                    .withCancellation(interruption.cancellation());
            try (Display display = new Display(model)) {
                GenerationResult result = session.generate(request, display);
                display.finish();
                console.note(summary(result, session));
                return result.finishReason() == FinishReason.CANCELLED ? INTERRUPTED : 0;
            }
        }
    }

    /** The one line at the end: what was computed, how fast, and how much of the attention was left out. */
    private static String summary(GenerationResult result, Session session) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "prompt: %d tokens, %.1f t/s; generated: %d tokens, %.1f t/s",
                result.promptTokens(), result.promptTokensPerSecond(), result.tokens().size(), result.generatedTokensPerSecond()));
        if (session.refiners().stream().anyMatch(refiner -> !refiner.required())) {
            PhaseStatistics prefill = session.statistics(AttentionPhase.PREFILL);
            PhaseStatistics decode = session.statistics(AttentionPhase.DECODE);
            long base = prefill.baseKeys() + decode.baseKeys();
            long kept = prefill.keptKeys() + decode.keptKeys();
            line.append(String.format(Locale.ROOT, "; kept keys: %.1f %%", base == 0 ? 100.0 : 100.0 * kept / base));
        }
        return switch (result.finishReason()) {
            case CONTEXT_FULL -> line.append("; stopped: the context is full (-c)").toString();
            case CANCELLED -> line.append("; interrupted").toString();
            case END_OF_GENERATION, STOP_STRING, LENGTH, TIMEOUT -> line.toString();
        };
    }

    /** Shows the answer while it is generated, and the progress of a long prompt before. */
    private final class Display implements GenerationListener, AutoCloseable {

        private final ProgressBar progress = new ProgressBar(console, "prompt");
        private final TokenDecoder decoder;
        private boolean lineOpen = displayPrompt;

        Display(Model model) {
            this.decoder = model.tokenizer().newDecoder(true);
        }

        @Override
        public void promptProgress(int done, int total) {
            progress.progress(done, total);
        }

        @Override
        public void token(int token) {
            if (special) {
                show(decoder.append(token));
            }
        }

        @Override
        public void text(String piece) {
            if (!special) {
                show(piece);
            }
        }

        private void show(String piece) {
            if (!piece.isEmpty()) {
                progress.close();
                console.print(piece);
                lineOpen = !piece.endsWith("\n");
            }
        }

        /** Ends the last line, so that the next program's output begins on its own. */
        void finish() {
            if (special) {
                show(decoder.finish());
            }
            if (lineOpen) {
                console.print("\n");
            }
        }

        @Override
        public void close() {
            progress.close();
        }
    }
}
