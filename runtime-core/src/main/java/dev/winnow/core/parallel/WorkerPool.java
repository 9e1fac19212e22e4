package dev.winnow.core.parallel;

import dev.winnow.api.Cancellation;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of workers for the many short parallel regions of a forward pass; the calling thread is worker 0. Workers spin briefly after a region, because
 * the next one usually follows within microseconds and waking a parked thread costs more than a small matrix product, and then park.
 *
 * <p>One caller at a time: hold {@link #acquire} around a sequence of regions. Parts are handed out by counters, so which worker runs a part is not
 * determined; results must not depend on it. A region ends when its parts are done, not when all workers have seen it: where other programs have taken the
 * processor of a worker, the others do its work, and nobody waits for it but for a part that it has begun.
 */
public final class WorkerPool implements AutoCloseable {

    private static final int SPINS = 20_000; // about 50 µs with onSpinWait, longer than the serial work between two regions

    private static final long CANCELLATION_MILLIS = 10; // between two looks at the cancellation of somebody who waits

    private static final int COUNT_BITS = 20;
    private static final int MAX_PARTS = (1 << COUNT_BITS) - 1;

    /** Ranges of different workers stand in different cache lines, which would otherwise travel between the processors. */
    private static final int STEP = 16;

    private final Worker[] workers;
    private final int size;
    private final Activity activity;
    private final ReentrantLock lock = new ReentrantLock(true);

    /**
     * For each worker the range of parts that it takes first: region number, end and next part, in this order from the high bits. They are one word, so that
     * a worker that comes late can never take a part of one region for a part of another.
     */
    private final AtomicLongArray ranges;

    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private ParallelTask task = (part, worker) -> {}; // read only between a claim and its completion, while it cannot change
    private Cancellation cancellation = Cancellation.never();
    private final ArrayDeque<Cancellation> outer = new ArrayDeque<>(); // of the sequences of regions in whose callbacks the caller is
    private volatile boolean closed;

    /** Starts a pool of {@code size} workers, the caller included. */
    public WorkerPool(int size) {
        this.size = size;
        this.activity = new Activity(size);
        this.ranges = new AtomicLongArray(size * STEP);
        this.workers = new Worker[size - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Returns the number of workers. */
    public int size() {
        return size;
    }

    /** Returns what the workers are inside of. */
    public Activity activity() {
        return activity;
    }

    /**
     * Takes the pool for a sequence of regions, which stop between parts when the cancellation is requested; waits for other callers. Who has the pool may take it
     * again between two regions, and must give it back as often.
     *
     * @return false if the cancellation was requested before it was the caller's turn: the pool was not taken
     */
    public boolean acquire(Cancellation cancelledBy) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (lock.tryLock(CANCELLATION_MILLIS, TimeUnit.MILLISECONDS)) {
                        outer.push(cancellation);
                        cancellation = cancelledBy;
                        return true;
                    }
                } catch (InterruptedException e) {
                    interrupted = true; // not what work is cancelled by
                }
                if (cancelledBy.isRequested()) {
                    return false;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Gives the pool back. */
    public void release() {
        cancellation = outer.pop();
        lock.unlock();
    }

    /** Returns whether the pool was closed; regions run on the calling thread alone then. */
    public boolean isClosed() {
        return closed;
    }

    /** Returns whether the calling thread has taken the pool. */
    public boolean isHeld() {
        return lock.isHeldByCurrentThread();
    }

    /**
     * Runs parts {@code 0 … count−1} of a task on all workers and returns when all are done, or when those begun are done after a cancellation. Parts begin
     * in their order.
     *
     * @throws RuntimeException         the first failure of a part
     * @throws IllegalArgumentException for a million parts or more
     */
    public void run(int count, ParallelTask work) {
        run(count, 1, work);
    }

    /**
     * As {@link #run}, but each worker begins with a range of neighbouring parts and helps others when it has done them: for parts that are so short that it
     * matters to read memory in one stream.
     */
    public void runInRanges(int count, ParallelTask work) {
        run(count, size, work);
    }

    private void run(int count, int rangeCount, ParallelTask work) {
        if (count <= 1 || size == 1) {
            for (int part = 0; part < count && !cancellation.isRequested(); part++) {
                work.run(part, 0);
            }
            return;
        }
        // A worker that finds a range empty has counted its next part on, once for this region and once if it comes from the one before.
        int most = MAX_PARTS - 2 * size;
        if (count > most) {
            throw new IllegalArgumentException(count + " parts, but a region has at most " + most);
        }
        task = work;
        completed.set(0);
        long number = region(ranges.get(0)) + 1;
        for (int i = 0; i < size; i++) {
            long from = (long) count * Math.min(i, rangeCount) / rangeCount;
            long to = (long) count * Math.min(i + 1, rangeCount) / rangeCount;
            ranges.set(i * STEP, number << 2 * COUNT_BITS | to << COUNT_BITS | from); // publishes the fields above
        }
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        drain(0);
        awaitCompletion(count);
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
    }

    private void awaitCompletion(int count) {
        for (int turn = 0; completed.get() != count; turn++) {
            pause(turn);
        }
    }

    /**
     * Waits a moment for what another worker is doing: to be called in a loop.
     *
     * @param turn number of calls before in the same loop
     */
    @SuppressWarnings("ThreadPriorityCheck") // the yield only matters where processors are short, and nothing relies on its order
    public static void pause(int turn) {
        if (turn < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield(); // a worker has lost its processor in the middle of a part: let it have this one
        }
    }

    /**
     * Returns whether the parts of the region that have not begun are left out, because a part has failed or the caller was cancelled. A part that waits for one
     * with a lower number, which has begun before it, must give up then.
     */
    public boolean isStopping() {
        return failure.get() != null || cancellation.isRequested();
    }

    /** Runs the parts of a worker's own range and then of the others, until the region has no more. */
    private void drain(int worker) {
        int done = 0;
        for (int i = 0; i < size; i++) {
            done += drain((worker + i) % size, worker);
        }
        if (done > 0) {
            completed.addAndGet(done); // all in the same region, which cannot have ended before
        }
    }

    private int drain(int owner, int worker) {
        for (int done = 0;; done++) {
            long claim = ranges.getAndIncrement(owner * STEP);
            int part = (int) claim & MAX_PARTS;
            if (part >= ((int) (claim >>> COUNT_BITS) & MAX_PARTS)) {
                return done;
            }
            try {
                if (!isStopping()) {
                    task.run(part, worker);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private static long region(long ticket) {
        return ticket >>> 2 * COUNT_BITS;
    }

    /** Stops the workers. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {

        private final int number;
        private volatile boolean parked;

        Worker(int number) {
            super("winnow-worker-" + number);
            this.number = number;
            setDaemon(true);
        }

        @Override
        public void run() {
            long seen = 0;
            while (!closed) {
                seen = awaitRegionAfter(seen);
                drain(number);
            }
        }

        private long awaitRegionAfter(long seen) {
            for (int spin = 0;; spin++) {
                long region = region(ranges.get(number * STEP));
                if (region != seen || closed) {
                    return region;
                }
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (region(ranges.get(number * STEP)) == seen && !closed) {
                        LockSupport.park(WorkerPool.this);
                    }
                    parked = false;
                }
            }
        }
    }
}
