package dev.winnow.core.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which plug-in each worker is inside at the moment, so that somebody can say whose fault it is when one does not return. Each worker writes its own entry; any
 * thread reads.
 */
public final class Activity {

    /** Entries of different workers stand in different cache lines, which would otherwise travel between the processors. */
    private static final int STEP = 32;

    private final AtomicReferenceArray<@Nullable String> names;
    private final AtomicLongArray starts; // System.nanoTime

    Activity(int workers) {
        names = new AtomicReferenceArray<>(workers * STEP);
        starts = new AtomicLongArray(workers * STEP);
    }

    /**
     * Says that a worker enters a plug-in.
     *
     * @param name  what to call it, for example {@code mask refiner 'x' from x.jar}
     * @param start now, in the scale of {@link System#nanoTime}
     */
    public void enter(int worker, String name, long start) {
        starts.setRelease(worker * STEP, start);
        names.setRelease(worker * STEP, name);
    }

    /** Says that a worker has left the plug-in. */
    public void leave(int worker) {
        names.setRelease(worker * STEP, null);
    }

    /** Returns a clause for each worker that is inside a plug-in. */
    public List<String> clauses() {
        List<String> clauses = new ArrayList<>();
        for (int i = 0; i < names.length(); i += STEP) {
            String name = names.getAcquire(i);
            if (name != null) {
                double seconds = (System.nanoTime() - starts.getAcquire(i)) / 1e9;
                clauses.add(String.format(Locale.ROOT, "the %s has been at work on one tile for %.1f s", name, seconds));
            }
        }
        return clauses;
    }
}
