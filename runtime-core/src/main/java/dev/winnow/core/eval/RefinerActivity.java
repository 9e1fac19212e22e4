package dev.winnow.core.eval;

import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionPhase;
import java.util.List;

/**
 * Guards measurements against refiners that did nothing: a result of sparse attention whose every key was kept is a result of dense attention under a wrong
 * name.
 */
public final class RefinerActivity {

    private RefinerActivity() {}

    /**
     * Checks that the refiners of a session, if it has any that the model does not need, have removed at least one key so far.
     *
     * @throws WinnowException if they have removed none
     */
    public static void check(Session session) {
        long base = 0;
        long kept = 0;
        for (AttentionPhase phase : AttentionPhase.values()) {
            PhaseStatistics statistics = session.statistics(phase);
            base += statistics.baseKeys();
            kept += statistics.keptKeys();
        }
        check("", session.refiners(), base, kept);
    }

    /**
     * Checks that refiners, if there are any that the model does not need, have removed at least one key.
     *
     * @param arm      name of the arm for the message; empty if it has none
     * @param refiners refiners of the measured sessions
     * @param baseKeys keys before them
     * @param keptKeys keys after them
     * @throws WinnowException if they have removed none
     */
    public static void check(String arm, List<RefinerReport> refiners, long baseKeys, long keptKeys) {
        List<RefinerReport> chosen = refiners.stream().filter(refiner -> !refiner.required()).toList();
        if (!chosen.isEmpty() && baseKeys > 0 && keptKeys >= baseKeys) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "refiner inactive: " + (arm.isEmpty() ? "" : arm + " = ") + Sparsity.unmeasured(chosen).description() + " kept all "
                            + baseKeys
                            + " keys, so this would measure dense attention; use a longer context or settings that keep less.");
        }
    }
}
