package dev.winnow.core.attention;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import dev.winnow.core.plugin.PluginFailure;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a refiner that fails: the generation ends with an error that names it, or, if the user wants that, a warning is logged once and the refiner is
 * left out. One that has missed keys or a cut of the session is lost for good, because what it knows is incomplete: it is left out from then on, or every attempt
 * to go on is the same error. Thread-safe.
 */
final class RefinerFaults {

    private static final System.Logger LOGGER = System.getLogger(RefinerFaults.class.getName());

    private final List<ActiveRefiner> refiners;
    private final RefinerErrors policy;
    private final AtomicReferenceArray<@Nullable Throwable> lost; // [refiners], why
    private final AtomicIntegerArray warned; // [refiners], 1 for yes

    RefinerFaults(List<ActiveRefiner> refiners, RefinerErrors policy) {
        this.refiners = refiners;
        this.policy = policy;
        this.lost = new AtomicReferenceArray<>(refiners.size());
        this.warned = new AtomicIntegerArray(refiners.size());
    }

    /** Returns whether a refiner is lost for good. */
    boolean isLost(int index) {
        return lost.get(index) != null;
    }

    /**
     * Fails if a refiner is lost that must not be left out.
     *
     * @throws WinnowException as it did when it was lost
     */
    void requireNoneLost() {
        for (int i = 0; i < refiners.size(); i++) {
            Throwable failure = lost.get(i);
            if (failure != null) {
                failed(i, failure);
            }
        }
    }

    /** Reports that a refiner has failed to take notice of something, which it will never catch up on. */
    void lose(int index, Throwable failure) {
        lost.compareAndSet(index, null, failure);
        failed(index, failure);
    }

    /** Reports that a refiner has thrown something. */
    void failed(int index, Throwable failure) {
        failed(index, PluginFailure.clause(failure), failure);
    }

    /**
     * Reports a failure.
     *
     * @param what what the refiner did, as a clause without its name
     * @throws WinnowException unless the user prefers dense attention and the model can do without the refiner
     */
    void failed(int index, String what, @Nullable Throwable cause) {
        ActiveRefiner refiner = refiners.get(index);
        boolean required = refiner.report().required();
        if (policy == RefinerErrors.FAIL || required) {
            throw new WinnowException(WinnowException.Kind.PLUGIN, "The " + refiner.label() + " " + what
                    + "; generation stops, because leaving it out would change the result unnoticed"
                    + (required ? "." : " (--on-refiner-error dense allows that)."), cause);
        }
        if (warned.compareAndSet(index, 0, 1)) {
            LOGGER.log(System.Logger.Level.WARNING, "The " + refiner.label() + " " + what + "; it is left out where that happens");
        }
    }
}
