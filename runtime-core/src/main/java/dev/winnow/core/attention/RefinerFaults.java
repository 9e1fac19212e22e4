package dev.winnow.core.attention;

import dev.winnow.api.SessionOptions.RefinerErrors;
import dev.winnow.api.WinnowException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a refiner that fails: the generation ends with an error that names it, or, if the user wants that, a warning is logged once and the refiner is
 * left out. One that has missed keys or a cut of the session is left out for good, because what it knows is incomplete. Thread-safe.
 */
final class RefinerFaults {

    private static final System.Logger LOGGER = System.getLogger(RefinerFaults.class.getName());

    private final List<ActiveRefiner> refiners;
    private final RefinerErrors policy;
    private final AtomicIntegerArray lost; // [refiners], 1 for left out
    private final AtomicBoolean warned = new AtomicBoolean();

    RefinerFaults(List<ActiveRefiner> refiners, RefinerErrors policy) {
        this.refiners = refiners;
        this.policy = policy;
        this.lost = new AtomicIntegerArray(refiners.size());
    }

    /** Returns whether a refiner is left out for good. */
    boolean isLost(int index) {
        return lost.get(index) != 0;
    }

    /** Reports that a refiner has failed to take notice of something, and leaves it out for good if the generation goes on. */
    void lose(int index, Throwable failure) {
        failed(index, failure);
        lost.set(index, 1);
    }

    /** Reports that a refiner has thrown something. */
    void failed(int index, Throwable failure) {
        failed(index, "failed: " + failure, failure);
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
        if (warned.compareAndSet(false, true)) {
            LOGGER.log(System.Logger.Level.WARNING, "The " + refiner.label() + " " + what + "; it is left out where that happens");
        }
    }
}
