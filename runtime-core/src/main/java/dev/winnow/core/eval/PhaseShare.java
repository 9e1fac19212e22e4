package dev.winnow.core.eval;

import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.spi.AttentionPhase;

/**
 * What a phase cost between two moments, for reports.
 *
 * @param tokens         positions computed
 * @param wallNanos      elapsed time
 * @param attentionNanos time in attention backends, summed over workers
 * @param selectionNanos time in refiners, summed over workers
 * @param linearNanos    time in matrix products, summed over workers
 * @param baseKeys       keys before refiners
 * @param keptKeys       keys after them
 * @param selectionCost  multiply-adds of selection
 * @param denseCost      multiply-adds of dense attention
 */
record PhaseShare(long tokens, long wallNanos, long attentionNanos, long selectionNanos, long linearNanos, long baseKeys, long keptKeys,
        long selectionCost, long denseCost) {

    static final PhaseShare NONE = new PhaseShare(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns what a session has spent on a phase so far. */
    static PhaseShare of(Session session, AttentionPhase phase) {
        PhaseStatistics s = session.statistics(phase);
        return new PhaseShare(s.tokens(), s.wallNanos(), s.attentionNanos(), s.selectionNanos(), s.linearNanos(), s.baseKeys(),
                s.keptKeys(), s.selectionCost(), s.denseCost());
    }

    /** Returns what a session has spent on all phases so far. */
    static PhaseShare ofAll(Session session) {
        PhaseShare sum = NONE;
        for (AttentionPhase phase : AttentionPhase.values()) {
            sum = sum.plus(of(session, phase));
        }
        return sum;
    }

    PhaseShare plus(PhaseShare other) {
        return combined(other, 1);
    }

    PhaseShare minus(PhaseShare other) {
        return combined(other, -1);
    }

    private PhaseShare combined(PhaseShare other, int sign) {
        return new PhaseShare(tokens + sign * other.tokens, wallNanos + sign * other.wallNanos,
                attentionNanos + sign * other.attentionNanos, selectionNanos + sign * other.selectionNanos,
                linearNanos + sign * other.linearNanos, baseKeys + sign * other.baseKeys, keptKeys + sign * other.keptKeys,
                selectionCost + sign * other.selectionCost, denseCost + sign * other.denseCost);
    }

    /** Returns the share of keys that were kept; NaN if the phase did not happen. */
    double keptRatio() {
        return baseKeys == 0 ? Double.NaN : (double) keptKeys / baseKeys;
    }

    /** Returns the cost of selection relative to dense attention; NaN if the phase did not happen. */
    double selectionRatio() {
        return denseCost == 0 ? Double.NaN : (double) selectionCost / denseCost;
    }
}
