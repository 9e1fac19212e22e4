package dev.winnow.core.runtime;

import dev.winnow.api.PhaseStatistics;
import dev.winnow.core.model.ForwardPass;
import dev.winnow.spi.AttentionPhase;

/** What the phases of a session have cost so far. */
final class SessionClock {

    private static final int PHASES = AttentionPhase.values().length;

    private final ForwardPass pass;
    private final long[] tokens = new long[PHASES];
    private final long[] nanos = new long[PHASES];
    private final long[] linearNanos = new long[PHASES];
    private final long[] selection = new long[PHASES];

    // at the beginning of the chunk
    private long startNanos;
    private long startLinearNanos;
    private long startSelection;

    SessionClock(ForwardPass pass) {
        this.pass = pass;
    }

    /** A chunk begins. */
    void begin() {
        startNanos = System.nanoTime();
        startLinearNanos = pass.linearNanos();
        startSelection = pass.attention().refiners().selectionCost();
    }

    /** The chunk, of so many tokens, is done. */
    void end(int count) {
        int phase = (count == 1 ? AttentionPhase.DECODE : AttentionPhase.PREFILL).ordinal();
        tokens[phase] += count;
        nanos[phase] += System.nanoTime() - startNanos;
        linearNanos[phase] += pass.linearNanos() - startLinearNanos;
        selection[phase] += pass.attention().refiners().selectionCost() - startSelection;
    }

    PhaseStatistics statistics(AttentionPhase phase) {
        long[] sums = pass.attention().totals(phase);
        int i = phase.ordinal();
        return new PhaseStatistics(tokens[i], nanos[i], sums[0], sums[1], linearNanos[i], sums[2], sums[3], selection[i], sums[4]);
    }
}
