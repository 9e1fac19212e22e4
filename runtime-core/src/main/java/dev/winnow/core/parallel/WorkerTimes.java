package dev.winnow.core.parallel;

/** Time that workers have spent on one kind of work. Each worker adds to its own number; the sum is read between regions. */
public final class WorkerTimes {

    /** Numbers of different workers stand in different cache lines, which would otherwise travel between the processors. */
    private static final int STEP = 16;

    private final long[] nanos;

    /** Creates times of 0. */
    public WorkerTimes(int workers) {
        nanos = new long[workers * STEP];
    }

    /** Adds the time from {@code start}, in the scale of {@link System#nanoTime}, until now. */
    public void addSince(long start, int worker) {
        nanos[worker * STEP] += System.nanoTime() - start;
    }

    /** Returns the nanoseconds of all workers together. */
    public long total() {
        long sum = 0;
        for (int i = 0; i < nanos.length; i += STEP) {
            sum += nanos[i];
        }
        return sum;
    }
}
