package dev.winnow.core.calibration;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.LogSoftmax;
import dev.winnow.spi.AttentionPhase;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * A piece of text and what dense attention predicts in it: in its second half at evenly spaced positions, because the vocabulary's log-probabilities need much
 * memory, and at its end everywhere, for what is computed token by token.
 */
final class DenseReference {

    private final int[] tokens;
    private final int step;
    private final int decodeTokens;
    private final Map<Integer, float[]> logProbabilities = new HashMap<>(); // by position: [vocabulary size]

    /**
     * Computes the predictions.
     *
     * @param session       without refiners that remove anything
     * @param tokens        the text
     * @param mostPositions largest number of positions of the second half
     * @param decodeTokens  tokens at the end that generations are compared at; less than half of the text
     */
    DenseReference(Session session, int[] tokens, int mostPositions, int decodeTokens) {
        this.tokens = tokens;
        this.decodeTokens = decodeTokens;
        int scored = last() - half();
        this.step = Math.ceilDiv(scored, Math.max(1, Math.min(mostPositions, scored)));
        append(session, tokens, position -> isSpaced(position) || isAtEnd(position),
                (position, logits) -> logProbabilities.put(position, LogSoftmax.logProbabilities(logits)));
    }

    /** Receives the logits of a position. */
    @FunctionalInterface
    private interface Scored {
        void accept(int position, float[] logits);
    }

    private int half() {
        return tokens.length / 2;
    }

    /** Nothing is known of what follows the last token. */
    private int last() {
        return tokens.length - 1;
    }

    private boolean isSpaced(int position) {
        return position >= half() && position < last() && (position - half()) % step == 0;
    }

    private boolean isAtEnd(int position) {
        return position >= last() - decodeTokens && position < last();
    }

    /** Adds how far the predictions of another session, without tokens, are from these as parts of a prompt; returns what the prompt has cost. */
    PhaseStatistics comparePrompt(Session session, KlDivergence target) {
        append(session, tokens, this::isSpaced, (position, logits) -> compare(position, logits, target));
        return session.statistics(AttentionPhase.PREFILL);
    }

    /** Adds how far the predictions of another session, without tokens, are from these at the end, token by token; returns what these tokens have cost. */
    PhaseStatistics compareGeneration(Session session, KlDivergence target) {
        int prompt = last() - decodeTokens;
        session.append(Arrays.copyOf(tokens, prompt));
        for (int position = prompt; position < last(); position++) {
            append(session, new int[]{tokens[position]}, this::isAtEnd, (at, logits) -> compare(at, logits, target));
        }
        return session.statistics(AttentionPhase.DECODE);
    }

    private void compare(int position, float[] logits, KlDivergence target) {
        target.add(Objects.requireNonNull(logProbabilities.get(position)), logits, tokens[position + 1]);
    }

    private static void append(Session session, int[] tokens, IntPredicate wanted, Scored scored) {
        session.append(tokens, new LogitsConsumer() {
            @Override
            public boolean wants(int position) {
                return wanted.test(position);
            }

            @Override
            public void accept(int position, float[] logits) {
                scored.accept(position, logits);
            }
        }, Cancellation.never(), ProgressListener.SILENT);
    }
}
