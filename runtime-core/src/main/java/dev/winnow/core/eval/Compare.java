package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares the greedy continuations of long prompts: those of every arm with those of the first one, as text and token by token. Greedy texts part for good at
 * the first near-tie, so the share of tokens that agree under the first arm's own text says more than the similarity of the texts.
 */
public final class Compare {

    private static final int WARM_UP_PROMPT = 1536;
    private static final int WARM_UP_TOKENS = 96;

    private final Model model;
    private final int limit;
    private final Greedy greedy;
    private final ArmActivity activity = new ArmActivity();

    private Compare(Model model, int limit, boolean ignoreEos) {
        this.model = model;
        this.limit = limit;
        greedy = new Greedy(model, ignoreEos);
    }

    /**
     * Runs all arms on all prompts.
     *
     * @param arms      the first one is what the others are compared with, usually {@link EvalArm#dense}
     * @param prompts   token ids of each prompt, one or more
     * @param limit     tokens of a continuation, 1 or more
     * @param ignoreEos whether a continuation goes on where the model would end it
     * @param listener  told of each result as soon as it is known
     * @throws WinnowException if an arm's refiners removed nothing; the results have been told before
     */
    public static List<CompareResult> run(Model model, List<EvalArm> arms, List<int[]> prompts, int limit, boolean ignoreEos,
            Consumer<CompareResult> listener) {
        if (limit < 1) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The number of tokens to compare is " + limit + ", but takes 1 or more (-n).");
        }
        return new Compare(model, limit, ignoreEos).run(arms, prompts, listener);
    }

    private List<CompareResult> run(List<EvalArm> arms, List<int[]> prompts, Consumer<CompareResult> listener) {
        List<CompareResult> results = new ArrayList<>();
        if (prompts.stream().anyMatch(prompt -> prompt.length == 0)) {
            throw new WinnowException(WinnowException.Kind.USAGE, "A prompt to compare is empty: give at least one token.");
        }
        arms.forEach(arm -> warmUp(arm, prompts.getFirst()));
        for (int index = 0; index < prompts.size(); index++) {
            int[] base = null;
            for (EvalArm arm : arms) {
                Continuation continuation = continuation(arm, prompts.get(index), base);
                base = base == null ? continuation.tokens : base;
                CompareResult result = compare(arm, index, prompts.get(index).length, continuation, base);
                results.add(result);
                listener.accept(result);
            }
        }
        activity.require();
        return results;
    }

    /** The first arm would seem slow beside the others, because the first runs of a Java process are compiled while they run. */
    private void warmUp(EvalArm arm, int[] prompt) {
        int length = Math.min(prompt.length, WARM_UP_PROMPT);
        int tokens = Math.min(limit, WARM_UP_TOKENS);
        try (Session session = model.newSession(arm.options().withContextLength(Math.addExact(length, tokens)))) {
            session.append(Arrays.copyOf(prompt, length));
            greedy.continueWith(session, session.logits(), tokens);
        }
    }

    /** What an arm makes of a prompt. */
    private static final class Continuation {

        private int[] tokens = {};
        private double agreement = 1;
        private Sparsity sparsity = Sparsity.unmeasured(List.of());
        private long promptNanos;
        private long decodeNanos;
    }

    private Continuation continuation(EvalArm arm, int[] prompt, int @Nullable [] base) {
        Continuation result = new Continuation();
        try (Session session = model.newSession(arm.options().withContextLength(Math.addExact(prompt.length, limit)))) {
            long start = System.nanoTime();
            session.append(prompt);
            result.promptNanos = System.nanoTime() - start;
            if (base != null) {
                try (Session forced = session.fork()) {
                    result.agreement = agreement(forced, base);
                }
            }
            float[] logits = session.logits();
            start = System.nanoTime();
            result.tokens = greedy.continueWith(session, logits, limit);
            result.decodeNanos = System.nanoTime() - start;
            PhaseShare prefill = PhaseShare.of(session, AttentionPhase.PREFILL);
            PhaseShare decode = PhaseShare.of(session, AttentionPhase.DECODE);
            result.sparsity = Sparsity.of(session.refiners(), prefill, decode);
            activity.add(arm.name(), RefinerActivity.of(session.refiners(), prefill.plus(decode)));
        }
        return result;
    }

    private double agreement(Session session, int[] tokens) {
        int same = 0;
        for (int i = 0; i < tokens.length; i++) {
            same += greedy.choose(session.logits()) == tokens[i] ? 1 : 0;
            if (i + 1 < tokens.length) {
                session.append(tokens[i]);
            }
        }
        return tokens.length == 0 ? 1 : (double) same / tokens.length;
    }

    private CompareResult compare(EvalArm arm, int prompt, int promptTokens, Continuation continuation, int[] base) {
        String text = model.tokenizer().decode(continuation.tokens, false);
        double ratio = SequenceMatcher.of(model.tokenizer().decode(base, false), text).ratio();
        double tokenRatio = SequenceMatcher.of(base, continuation.tokens).ratio();
        return new CompareResult(arm, prompt, promptTokens, continuation.tokens.length, base.length, ratio, tokenRatio,
                Arrays.mismatch(base, continuation.tokens), continuation.agreement, continuation.sparsity, continuation.promptNanos,
                continuation.decodeNanos, text);
    }
}
