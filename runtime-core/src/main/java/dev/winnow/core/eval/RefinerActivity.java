package dev.winnow.core.eval;

import dev.winnow.api.RefinerReport;
import dev.winnow.api.Session;
import dev.winnow.api.WinnowException;
import java.util.List;

/**
 * What the refiners of a measurement have removed. Guards against refiners that did nothing: a result of sparse attention whose every key was kept is a result of
 * dense attention under a wrong name.
 *
 * @param refiners those that the model does not need
 * @param baseKeys keys before them
 * @param keptKeys keys after them
 */
public record RefinerActivity(List<RefinerReport> refiners, long baseKeys, long keptKeys) {

    /** Leaves out the refiners that the model needs. */
    public RefinerActivity {
        refiners = refiners.stream().filter(refiner -> !refiner.required()).toList();
    }

    /** Returns what the refiners of a session have removed so far. */
    static RefinerActivity of(Session session) {
        return of(session.refiners(), PhaseShare.ofAll(session));
    }

    static RefinerActivity of(List<RefinerReport> refiners, PhaseShare share) {
        return new RefinerActivity(refiners, share.baseKeys(), share.keptKeys());
    }

    /** Returns what this and another measurement with the same refiners have removed. */
    RefinerActivity plus(RefinerActivity other) {
        return new RefinerActivity(refiners, baseKeys + other.baseKeys, keptKeys + other.keptKeys);
    }

    /** Returns whether there are refiners, but every key was kept; not if there was nothing to choose from. */
    public boolean isIdle() {
        return !refiners.isEmpty() && baseKeys > 0 && keptKeys >= baseKeys;
    }

    /** Returns names and effective parameters of the refiners, for people. */
    String description() {
        return Sparsity.unmeasured(refiners).description();
    }

    /**
     * Checks that the refiners, if there are any, have removed at least one key.
     *
     * @throws WinnowException if they have removed none
     */
    public void require() {
        if (isIdle()) {
            throw inactive(description());
        }
    }

    /** Returns the error that refiners have kept everything; {@code who} says which. */
    WinnowException inactive(String who) {
        return new WinnowException(WinnowException.Kind.USAGE, "refiner inactive: " + who + " kept all " + baseKeys
                + " keys, so this would measure dense attention; use a longer context or settings that keep less.");
    }
}
