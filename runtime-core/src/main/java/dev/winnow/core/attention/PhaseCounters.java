package dev.winnow.core.attention;

/** Counters of one worker and phase; summed when they are read. */
final class PhaseCounters {

    long attentionNanos;
    long selectionNanos;
    long baseKeys;
    long keptKeys;
    long denseCost;
}
