package dev.winnow.core.calibration;

import dev.winnow.core.profile.SparseProfile.Judgement;

/**
 * What a choice has shown on held-out text.
 *
 * @param prompts    in prompts
 * @param generation in generation
 */
record Verdict(Judgement prompts, Judgement generation) {

    /** Returns the worse of two in each phase: a mean over texts would let easy ones hide what a hard one loses. */
    Verdict worse(Verdict other) {
        return new Verdict(worse(prompts, other.prompts), worse(generation, other.generation));
    }

    private static Judgement worse(Judgement a, Judgement b) {
        return Math.max(a.pplChange(), a.kld()) >= Math.max(b.pplChange(), b.kld()) ? a : b;
    }
}
