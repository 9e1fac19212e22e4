package dev.winnow.core.eval;

import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import org.jspecify.annotations.Nullable;

/** Computes how likely a session is to go on with given tokens. The session itself stays as it is: its forks take the tokens. Not thread-safe. */
final class AnswerScorer implements AutoCloseable {

    private final Session session;
    private final float[] logits; // of the session's last token
    private @Nullable Session fork; // has the session's tokens between two answers

    AnswerScorer(Session session, float[] logits) {
        this.session = session;
        this.logits = logits;
    }

    /** Returns ln p(tokens), each appended alone as in generation. */
    double logProbability(int[] tokens) {
        double sum = -LogSoftmax.of(logits).negativeLogLikelihood(logits, tokens[0]);
        Session branch = branch();
        for (int i = 1; i < tokens.length; i++) {
            branch.append(tokens[i - 1]);
            float[] next = branch.logits();
            sum -= LogSoftmax.of(next).negativeLogLikelihood(next, tokens[i]);
        }
        return sum;
    }

    /** Cuts the fork back, which is cheap; takes a new one if a sliding window has already let go of what the cut would need. */
    private Session branch() {
        Session current = fork;
        if (current != null) {
            try {
                current.truncate(session.length());
                return current;
            } catch (WinnowException e) {
                current.close();
            }
        }
        current = session.fork();
        fork = current;
        return current;
    }

    @Override
    public void close() {
        if (fork != null) {
            fork.close();
        }
    }
}
