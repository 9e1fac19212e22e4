package dev.winnow.core.eval;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Compares arms with dense attention on chunks of a long text, in step: every session gets the same piece of text before any gets the next one, so no
 * log-probabilities have to be stored but those of one piece. Of each chunk, positions of the second half are compared as parts of a prompt, and the last tokens
 * as in generation, one by one after the arm's own prompt. Not thread-safe.
 */
public final class ArmAccuracy implements AutoCloseable {

    private final Options options;
    private final TextChunks chunks;
    private final Model model;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<float[]> base = new ArrayList<>(); // ln p of dense attention: [most compared positions of a piece][vocabulary size]

    private ArmAccuracy(Model model, List<EvalArm> arms, String text, Options options) {
        this.model = model;
        this.options = options;
        chunks = TextChunks.of(model.tokenizer(), text, options.contextLength(), options.chunks());
        try {
            for (EvalArm arm : arms) {
                lanes.add(new Lane(arm, model.newSession(arm.options().withContextLength(chunks.length()))));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * What is compared.
     *
     * @param contextLength tokens of a chunk
     * @param chunks        number of chunks; 0 for all of the text
     * @param every         one of so many positions of the second half is compared, 1 or more
     * @param decodeTokens  tokens at the end of each chunk that are appended one by one; 0 for none
     */
    public record Options(int contextLength, int chunks, int every, int decodeTokens) {
        /** Checks the numbers. */
        public Options {
            if (every < 1 || decodeTokens < 0 || decodeTokens > contextLength / 2 - 1) {
                throw new WinnowException(WinnowException.Kind.USAGE, "One of " + every + " positions and the last " + decodeTokens
                        + " tokens of " + contextLength + " cannot be compared: give 1 or more, and 0 to less than half a context.");
            }
        }
    }

    /** How far an arm is from dense attention, on one text or on several. Immutable. */
    public static final class Result {

        private final String arm;
        private final List<RefinerReport> refiners;
        private final KlDivergence prompts;
        private final KlDivergence tokens;
        private final PhaseShare ofPrompts;
        private final PhaseShare ofTokens;

        private Result(String arm, List<RefinerReport> refiners, KlDivergence prompts, KlDivergence tokens, PhaseShare ofPrompts,
                PhaseShare ofTokens) {
            this.arm = arm;
            this.refiners = refiners;
            this.prompts = prompts;
            this.tokens = tokens;
            this.ofPrompts = ofPrompts;
            this.ofTokens = ofTokens;
        }

        /** Returns the name of the arm. */
        public String arm() {
            return arm;
        }

        /** Returns how far prompts are from dense attention; empty if no position was compared. */
        public Optional<KlStatistics> prefill() {
            return statistics(prompts);
        }

        /** Returns how far single tokens are from dense attention; empty if none were appended alone. */
        public Optional<KlStatistics> decode() {
            return statistics(tokens);
        }

        private static Optional<KlStatistics> statistics(KlDivergence divergence) {
            return divergence.count() == 0 ? Optional.empty() : Optional.of(divergence.statistics());
        }

        /** Returns the refiners, the share of keys that they kept and what choosing them cost. */
        public Sparsity sparsity() {
            return Sparsity.of(refiners, ofPrompts, ofTokens);
        }

        /** Returns the result over the positions of this one and of another one of the same arm. */
        public Result plus(Result other) {
            KlDivergence allPrompts = new KlDivergence();
            KlDivergence allTokens = new KlDivergence();
            for (Result part : List.of(this, other)) {
                allPrompts.addAll(part.prompts);
                allTokens.addAll(part.tokens);
            }
            return new Result(arm, refiners, allPrompts, allTokens, ofPrompts.plus(other.ofPrompts), ofTokens.plus(other.ofTokens));
        }
    }

    /**
     * Compares.
     *
     * @param arms     dense attention first
     * @param text     two chunks or more
     * @param progress told of tokens, over all arms and chunks
     * @return one result for each arm; the first one tells the perplexity of dense attention, and divergences of 0
     * @throws WinnowException if the text is too short, or if an arm's refiners removed nothing
     */
    public static List<Result> run(Model model, List<EvalArm> arms, String text, Options options, ProgressListener progress) {
        ArmActivity activity = new ArmActivity();
        List<Result> results = runPart(model, arms, text, options, progress, activity);
        activity.require();
        return results;
    }

    /**
     * Compares, as a part of a greater measurement, in which an arm may be inactive.
     *
     * @param arms     dense attention first
     * @param text     two chunks or more
     * @param progress told of tokens, over all arms and chunks
     * @param activity is told what the arms have removed
     * @return one result for each arm; the first one tells the perplexity of dense attention, and divergences of 0
     * @throws WinnowException if the text is too short
     */
    public static List<Result> runPart(Model model, List<EvalArm> arms, String text, Options options, ProgressListener progress,
            ArmActivity activity) {
        try (ArmAccuracy accuracy = new ArmAccuracy(model, arms, text, options)) {
            return accuracy.run(progress, activity);
        }
    }

    private List<Result> run(ProgressListener progress, ArmActivity activity) {
        int end = options.decodeTokens() == 0 ? chunks.length() : chunks.length() - 1; // nothing follows the last token
        int asPrompt = end - options.decodeTokens();
        int all = chunks.count() * end * lanes.size();
        int done = 0;
        for (int index = 0; index < chunks.count(); index++) {
            int[] chunk = chunks.chunk(index, model.tokenizer());
            lanes.forEach(lane -> lane.session.truncate(0));
            for (int from = 0; from < end;) {
                int to = from < asPrompt ? Math.min(from + ForwardPass.CHUNK, asPrompt) : from + 1;
                for (Lane lane : lanes) {
                    lane.append(chunk, from, to, to <= asPrompt);
                    done += to - from;
                    progress.progress(done, all);
                }
                from = to;
            }
        }
        return lanes.stream().map(lane -> lane.result(activity)).toList();
    }

    @Override
    public void close() {
        lanes.forEach(lane -> lane.session.close());
    }

    /** One arm, its session and what is known of it so far. */
    private final class Lane {

        private final EvalArm arm;
        private final Session session;
        private final KlDivergence prefill = new KlDivergence();
        private final KlDivergence decode = new KlDivergence();

        Lane(EvalArm arm, Session session) {
            this.arm = arm;
            this.session = session;
        }

        void append(int[] chunk, int from, int to, boolean prompt) {
            Comparison comparison = new Comparison(chunk, prompt ? options.every() : 1, prompt ? prefill : decode,
                    this == lanes.getFirst());
            session.append(Arrays.copyOfRange(chunk, from, to), comparison, Cancellation.never(), ProgressListener.SILENT);
        }

        Result result(ArmActivity activity) {
            PhaseShare ofPrompts = PhaseShare.of(session, AttentionPhase.PREFILL);
            PhaseShare ofTokens = PhaseShare.of(session, AttentionPhase.DECODE);
            List<RefinerReport> refiners = session.refiners();
            activity.add(arm.name(), RefinerActivity.of(refiners, ofPrompts.plus(ofTokens)));
            return new Result(arm.name(), refiners, prefill, decode, ofPrompts, ofTokens);
        }
    }

    /** Takes the logits of the compared positions of one piece: keeps those of dense attention, and compares the others with them. */
    private final class Comparison implements LogitsConsumer {

        private final int[] chunk;
        private final int every;
        private final KlDivergence divergence;
        private final boolean dense;
        private int next;

        Comparison(int[] chunk, int every, KlDivergence divergence, boolean dense) {
            this.chunk = chunk;
            this.every = every;
            this.divergence = divergence;
            this.dense = dense;
        }

        @Override
        public boolean wants(int position) {
            return position >= chunks.firstScored() && position < chunk.length - 1 && (position - chunks.firstScored()) % every == 0;
        }

        @Override
        public void accept(int position, float[] logits) {
            if (dense) {
                if (next == base.size()) {
                    base.add(new float[logits.length]);
                }
                LogSoftmax.logProbabilities(logits, base.get(next));
            }
            divergence.add(base.get(next++), logits, chunk[position + 1]);
        }
    }
}
