package dev.winnow.core.parallel;

import dev.winnow.api.Cancellation;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of workers for the many short parallel regions of a forward pass; the calling thread is worker 0. Workers spin briefly after a region, because
 * the next one usually follows within microseconds and waking a parked thread costs more than a small matrix product, and then park.
 *
 * <p>One caller at a time: hold {@link #acquire} around a sequence of regions. Parts are handed out by a counter, so which worker runs a part is not
 * determined; results must not depend on it. A region ends when its parts are done, not when all workers have seen it: where other programs have taken the
 * processor of a worker, the others do its work, and nobody waits for it but for a part that it has begun.
 */
public final class WorkerPool implements AutoCloseable {

    private static final int SPINS = 20_000; // about 50 µs with onSpinWait, longer than the serial work between two regions

    private static final int COUNT_BITS = 20;
    private static final int MAX_PARTS = (1 << COUNT_BITS) - 1;

    private final Worker[] workers;
    private final int size;
    private final Activity activity;
    private final ReentrantLock lock = new ReentrantLock(true);

    /**
     * Region number, number of parts and next part, in this order from the high bits: one word, so that a worker that comes late can never take a part of
     * one region for a part of another.
     */
    private final AtomicLong ticket = new AtomicLong();

    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private ParallelTask task = (part, worker) -> {}; // read only between a claim and its completion, while it cannot change
    private Cancellation cancellation = Cancellation.never();
    private volatile boolean closed;

    /** Starts a pool of {@code size} workers, the caller included. */
    public WorkerPool(int size) {
        this.size = size;
        this.activity = new Activity(size);
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

    /** Takes the pool for a sequence of regions, which stop between parts when the cancellation is requested; waits for other callers. */
    public void acquire(Cancellation cancelledBy) {
        lock.lock();
        this.cancellation = cancelledBy;
    }

    /** Gives the pool back. */
    public void release() {
        this.cancellation = Cancellation.never();
        lock.unlock();
    }

    /**
     * Runs parts {@code 0 … count−1} of a task on all workers and returns when all are done, or when those begun are done after a cancellation.
     *
     * @throws RuntimeException the first failure of a part
     */
    public void run(int count, ParallelTask work) {
        if (count <= 1 || size == 1) {
            for (int part = 0; part < count && !cancellation.isRequested(); part++) {
                work.run(part, 0);
            }
            return;
        }
        if (count > MAX_PARTS) {
            throw new IllegalArgumentException(count + " parts, but a region has at most " + MAX_PARTS);
        }
        task = work;
        completed.set(0);
        ticket.set((region(ticket.get()) + 1) << 2 * COUNT_BITS | (long) count << COUNT_BITS); // publishes the fields above
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

    @SuppressWarnings("ThreadPriorityCheck") // the yield only matters where processors are short, and nothing relies on its order
    private void awaitCompletion(int count) {
        for (int spin = 0; completed.get() != count; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // a worker has lost its processor in the middle of a part: let it have this one
            }
        }
    }

    /** Runs parts until the region has no more, and returns the number of that region. */
    private long drain(int worker) {
        while (true) {
            long claim = ticket.getAndIncrement();
            int part = (int) claim & MAX_PARTS;
            if (part >= ((int) (claim >>> COUNT_BITS) & MAX_PARTS)) {
                return region(claim);
            }
            try {
                if (failure.get() == null && !cancellation.isRequested()) {
                    task.run(part, worker);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
            completed.incrementAndGet();
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
            for (long seen = 0; !closed; seen = drain(number)) {
                awaitRegionAfter(seen);
            }
        }

        private void awaitRegionAfter(long seen) {
            for (int spin = 0; region(ticket.get()) == seen && !closed; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (region(ticket.get()) == seen && !closed) {
                        LockSupport.park(WorkerPool.this);
                    }
                    parked = false;
                }
            }
        }
    }
}
