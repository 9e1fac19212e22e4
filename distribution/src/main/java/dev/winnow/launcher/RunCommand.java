package dev.winnow.launcher;

import dev.winnow.api.Cancellation;
import dev.winnow.api.FinishReason;
import dev.winnow.api.GenerationListener;
import dev.winnow.api.GenerationRequest;
import dev.winnow.api.GenerationResult;
import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.core.sampling.SamplerSequence;
import dev.winnow.spi.AttentionPhase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code winnow run}: completes a prompt. */
@Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, description = "Completes a prompt. The answer goes to stdout as it is generated, everything else to stderr.")
final class RunCommand implements Callable<Integer> {

    @Mixin
    private ModelMixin model = new ModelMixin();

    @Mixin
    private RuntimeMixin runtime = new RuntimeMixin();

    @Option(names = {"-p",
            "--prompt"}, paramLabel = "TEXT", description = "The prompt; \\n, \\t, \\\\ and the like are replaced (see --no-escape).")
    private @Nullable String prompt;

    @Option(names = {"-f",
            "--file"}, paramLabel = "FILE", description = "Read the prompt from a file. Without -p and -f it is read from stdin.")
    private @Nullable Path promptFile;

    @Option(names = "--no-escape", description = "Take backslashes in -p literally.")
    private boolean noEscape;

    @Option(names = {"-n", "--predict",
            "--n-predict"}, paramLabel = "N", defaultValue = "-1", description = "Tokens to generate; -1: until the end or a full context.")
    private int maxTokens;

    @Option(names = {"-s", "--seed"}, paramLabel = "N", defaultValue = "-1", description = "Seed of the random numbers; -1: a random one.")
    private long seed;

    @Option(names = "--temp", paramLabel = "X", defaultValue = "0.8", description = "Temperature; 0: always the most likely token.")
    private float temperature;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "40", description = "Draw from the K most likely tokens; 0: all.")
    private int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "0.95", description = "Draw from the most likely tokens that reach the probability P; 1: all.")
    private float topP;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0.05", description = "Draw from tokens at least P times as likely as the likeliest; 0: all.")
    private float minP;

    @Option(names = "--repeat-penalty", paramLabel = "X", defaultValue = "1.0", description = "Penalty on recent tokens; 1: none.")
    private float repeatPenalty;

    @Option(names = "--repeat-last-n", paramLabel = "N", defaultValue = "64", description = "Recent tokens that the penalty looks at.")
    private int repeatLastN;

    @Option(names = {"--sampling-seq",
            "--sampler-seq"}, paramLabel = "LETTERS", description = "Samplers in order: e penalties, k top-k, p top-p, m min-p, t temperature.")
    private @Nullable String samplers;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End the answer before this text; repeatable.")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Go on after the end-of-generation token.")
    private boolean ignoreEos;

    @Option(names = "--simple-io", description = "For llama.cpp's sake: no progress bar.")
    private boolean simpleIo;

    @SuppressWarnings("UnusedVariable") // accepted so that llama.cpp's command lines work
    @Option(names = {"--no-cnv", "--no-conversation"}, description = "For llama.cpp's sake: completion is what this command does.")
    private boolean noConversation;

    @Override
    public Integer call() {
        String text = promptText();
        SamplingOptions sampling = sampling();
        return runtime.withRuntime(winnow -> run(winnow, text, sampling));
    }

    private SamplingOptions sampling() {
        SamplingOptions options = SamplingOptions.defaults().withTemperature(temperature).withTopK(topK).withTopP(topP).withMinP(minP)
                .withPenalties(repeatPenalty, 0, 0, repeatLastN).withSeed(seed);
        return samplers == null ? options : options.withSequence(SamplerSequence.parse(samplers));
    }

    private String promptText() {
        try {
            if (prompt != null) {
                return noEscape ? prompt : Escapes.replace(prompt);
            }
            if (promptFile != null) {
                return Files.readString(promptFile);
            }
            if (Terminal.isInteractive()) {
                throw new WinnowException(WinnowException.Kind.USAGE, "There is no prompt: give -p TEXT or -f FILE, or pipe a text in.");
            }
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The prompt cannot be read: " + e + ".", e);
        } catch (UncheckedIOException e) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The prompt cannot be read: " + e.getCause() + ".", e);
        }
    }

    private int run(InferenceRuntime winnow, String text, SamplingOptions sampling) {
        Cancellation cancellation = Cancellation.manual();
        CountDownLatch finished = new CountDownLatch(1);
        Thread onInterrupt = new Thread(() -> stop(cancellation, finished), "winnow-interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try (Model loaded = winnow.load(model.file(), model.modelOptions()); Session session = loaded.newSession(model.sessionOptions())) {
            int[] tokens = loaded.tokenizer().encode(text, true, true);
            GenerationRequest request = GenerationRequest.of(tokens).withMaxTokens(maxTokens).withSampling(sampling).withStopStrings(stops)
                    .withIgnoreEos(ignoreEos).withCancellation(cancellation);
            GenerationResult result = session.generate(request, new Printer(!simpleIo));
            System.out.println();
            System.out.flush();
            System.err.println(summary(result, session));
            return result.finishReason() == FinishReason.CANCELLED ? 130 : ExitCodes.OK;
        } finally {
            finished.countDown();
            removeHook(onInterrupt);
        }
    }

    /** Ctrl-C: ask for the end and wait until the statistics have been printed. */
    private static void stop(Cancellation cancellation, CountDownLatch finished) {
        cancellation.cancel();
        try {
            if (!finished.await(5, TimeUnit.SECONDS)) {
                System.err.println("winnow: stopped before the current step had ended.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is shutting down already: the hook itself has led here
        }
    }

    private static String summary(GenerationResult result, Session session) {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "prompt %d tokens, %.1f t/s; generated %d tokens, %.1f t/s; %s", result.promptTokens(),
                        result.promptTokensPerSecond(), result.tokens().size(), result.generatedTokensPerSecond(),
                        result.finishReason().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        PhaseStatistics prefill = session.statistics(AttentionPhase.PREFILL);
        PhaseStatistics decode = session.statistics(AttentionPhase.DECODE);
        if (session.refiners().stream().anyMatch(refiner -> !refiner.required())) {
            line.append(String.format(Locale.ROOT, "; keys kept: prompt %.1f %%, answer %.1f %%", 100 * prefill.keptRatio(),
                    100 * decode.keptRatio()));
        }
        return line.toString();
    }

    /** Writes the answer as it comes, and the progress of a long prompt to a terminal. */
    private static final class Printer implements GenerationListener {

        private static final int WIDTH = 30;

        private final boolean bar;
        private boolean drawn;

        Printer(boolean bar) {
            this.bar = bar && Terminal.isInteractive();
        }

        @Override
        public void promptProgress(int done, int total) {
            if (bar && total > 512) {
                int filled = (int) ((long) WIDTH * done / total);
                System.err.printf(Locale.ROOT, "\rprompt [%s%s] %d/%d tokens", "#".repeat(filled), ".".repeat(WIDTH - filled), done, total);
                drawn = true;
                if (done == total) {
                    System.err.print("\r" + " ".repeat(WIDTH + 40) + "\r");
                    drawn = false;
                }
            }
        }

        @Override
        public void text(String piece) {
            if (drawn) {
                System.err.println();
                drawn = false;
            }
            System.out.print(piece);
            System.out.flush();
        }
    }
}
