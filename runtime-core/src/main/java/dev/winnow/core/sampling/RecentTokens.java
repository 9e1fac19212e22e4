package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions;

/** The last tokens of a text, counted by id, and the penalties for using them again. */
final class RecentTokens {

    private final float repeatPenalty;
    private final float frequencyPenalty;
    private final float presencePenalty;
    private final int[] counts; // [vocabulary size], occurrences among the last tokens
    private final int[] ring; // [window], the last tokens; empty if the window has no end
    private int next;
    private long accepted;

    RecentTokens(SamplingOptions options, int vocabularySize) {
        repeatPenalty = options.repeatPenalty();
        frequencyPenalty = options.frequencyPenalty();
        presencePenalty = options.presencePenalty();
        counts = new int[vocabularySize];
        ring = new int[Math.max(0, options.repeatLastN())];
    }

    /** Returns whether options have a penalty that can change a logit. */
    static boolean areNeededFor(SamplingOptions options) {
        return options.sequence().contains(SamplingOptions.Sampler.PENALTIES) && options.repeatLastN() != 0
                && (options.repeatPenalty() != 1 || options.frequencyPenalty() != 0 || options.presencePenalty() != 0);
    }

    void accept(int token) {
        counts[token]++;
        if (ring.length > 0) {
            if (accepted >= ring.length) {
                counts[ring[next]]--;
            }
            ring[next] = token;
            next = next + 1 == ring.length ? 0 : next + 1;
        }
        accepted++;
    }

    void penalise(Candidates candidates) {
        for (int i = 0; i < candidates.size(); i++) {
            int count = counts[candidates.id(i)];
            if (count > 0) {
                float logit = candidates.logit(i);
                float repeated = logit <= 0 ? logit * repeatPenalty : logit / repeatPenalty;
                candidates.setLogit(i, repeated - (count * frequencyPenalty + presencePenalty));
            }
        }
    }
}
