package dev.winnow.core.calibration;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.LogSoftmax;
import dev.winnow.spi.AttentionPhase;

/** A piece of text and what dense attention predicts in its second half, at evenly spaced positions: the vocabulary's log-probabilities need much memory. */
final class DenseReference {

    private final int[] tokens;
    private final int step;
    private final float[][] logProbabilities; // [positions][vocabulary size]

    /**
     * Computes the predictions.
     *
     * @param session       without refiners that remove anything
     * @param tokens        the text
     * @param mostPositions largest number of positions
     */
    DenseReference(Session session, int[] tokens, int mostPositions) {
        this.tokens = tokens;
        int scored = tokens.length - 1 - first();
        this.step = Math.ceilDiv(scored, Math.max(1, Math.min(mostPositions, scored)));
        this.logProbabilities = new float[Math.ceilDiv(scored, step)][];
        append(session, (index, logits) -> logProbabilities[index] = LogSoftmax.logProbabilities(logits));
    }

    /** Receives the logits of one of the positions. */
    @FunctionalInterface
    private interface Scored {
        void accept(int index, float[] logits);
    }

    private int first() {
        return tokens.length / 2;
    }

    /** Adds how far the predictions of another session, without tokens, are from these; returns what its prompt has cost. */
    PhaseStatistics compare(Session session, KlDivergence target) {
        append(session, (index, logits) -> target.add(logProbabilities[index], logits, tokens[first() + index * step + 1]));
        return session.statistics(AttentionPhase.PREFILL);
    }

    private void append(Session session, Scored scored) {
        session.append(tokens, new LogitsConsumer() {
            @Override
            public boolean wants(int position) {
                return position >= first() && position < tokens.length - 1 && (position - first()) % step == 0;
            }

            @Override
            public void accept(int position, float[] logits) {
                scored.accept((position - first()) / step, logits);
            }
        }, Cancellation.never(), ProgressListener.SILENT);
    }
}
