package dev.winnow.api;

import java.time.Duration;

/** Stops work from another thread, or at a deadline: takes effect within one token of generation or one tile of a prompt. Thread-safe. */
public final class Cancellation {

    private static final Duration LONGEST = Duration.ofDays(100 * 365); // in nanoseconds it fits a long, and nobody will see its end
    private static final Cancellation NEVER = new Cancellation(Long.MAX_VALUE, false);

    private final long deadline; // System.nanoTime, or MAX_VALUE for none
    private final boolean cancellable;
    private volatile boolean cancelled;

    private Cancellation(long deadline, boolean cancellable) {
        this.deadline = deadline;
        this.cancellable = cancellable;
    }

    /** Returns a cancellation that never happens. */
    public static Cancellation never() {
        return NEVER;
    }

    /** Returns a cancellation that happens when {@link #cancel} is called. */
    public static Cancellation manual() {
        return new Cancellation(Long.MAX_VALUE, true);
    }

    /** Returns a cancellation that happens after a time from now, or when {@link #cancel} is called. */
    public static Cancellation after(Duration timeout) {
        return timeout.compareTo(LONGEST) > 0 ? manual() : new Cancellation(System.nanoTime() + timeout.toNanos(), true);
    }

    /**
     * Stops the work.
     *
     * @throws IllegalStateException for {@link #never}
     */
    public void cancel() {
        if (!cancellable) {
            throw new IllegalStateException("Cancellation.never() cannot be cancelled; use Cancellation.manual()");
        }
        cancelled = true;
    }

    /** Returns whether {@link #cancel} was called. */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Returns whether the deadline has passed. */
    public boolean isExpired() {
        return deadline != Long.MAX_VALUE && System.nanoTime() - deadline >= 0;
    }

    /** Returns whether the work is to stop, for either reason. */
    public boolean isRequested() {
        return cancelled || isExpired();
    }
}
