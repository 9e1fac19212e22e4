package dev.winnow.api;

/**
 * What one phase of a session has cost so far. Times are summed over workers, in nanoseconds; keys are (query head, query, key) triples.
 *
 * @param tokens         positions computed
 * @param wallNanos      elapsed time
 * @param attentionNanos time in attention backends
 * @param selectionNanos time in mask refiners that the model does not need
 * @param linearNanos    time in matrix products
 * @param baseKeys       keys that the model permits: the base mask and its required refiners
 * @param keptKeys       keys that were left
 * @param selectionCost  multiply-adds that refiners spent on choosing keys
 * @param denseCost      multiply-adds of dense attention over {@code baseKeys}
 */
public record PhaseStatistics(long tokens, long wallNanos, long attentionNanos, long selectionNanos, long linearNanos, long baseKeys,
        long keptKeys,
        long selectionCost, long denseCost) {

    /** Returns the share of keys that were kept, 0 to 1; 1 if there were none. */
    public double keptRatio() {
        return baseKeys == 0 ? 1 : (double) keptKeys / baseKeys;
    }

    /** Returns the cost of selection relative to dense attention. */
    public double selectionRatio() {
        return denseCost == 0 ? 0 : (double) selectionCost / denseCost;
    }
}
