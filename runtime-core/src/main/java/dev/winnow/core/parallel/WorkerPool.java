package dev.winnow.core.parallel;

import dev.winnow.api.Cancellation;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of workers for the many short parallel regions of a forward pass; the calling thread is worker 0. Workers spin briefly after a region, because
 * the next one usually follows within microseconds and waking a parked thread costs more than a small matrix product, and then park.
 *
 * <p>One caller at a time: hold {@link #acquire} around a sequence of regions. Parts are handed out by a counter, so which worker runs a part is not
 * determined; results must not depend on it.
 */
public final class WorkerPool implements AutoCloseable {

    private static final int SPINS = 20_000; // about 50 µs with onSpinWait, longer than the serial work between two regions

    private final Worker[] workers;
    private final int size;
    private final Activity activity;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final AtomicInteger nextPart = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private ParallelTask task = (part, worker) -> {};
    private int parts;
    private Cancellation cancellation = Cancellation.never();
    private final AtomicInteger region = new AtomicInteger();
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
    @SuppressWarnings("ThreadPriorityCheck") // the yield only matters where processors are short, and nothing relies on its order
    public void run(int count, ParallelTask work) {
        if (count == 1 || size == 1) {
            for (int part = 0; part < count && !cancellation.isRequested(); part++) {
                work.run(part, 0);
            }
            return;
        }
        task = work;
        parts = count;
        nextPart.set(0);
        running.set(workers.length);
        region.incrementAndGet(); // publishes the fields above
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        drain(0);
        for (int spin = 0; running.get() != 0; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // a worker has lost its processor to another program: let it have this one
            }
        }
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
    }

    private void drain(int worker) {
        try {
            int part;
            while ((part = nextPart.getAndIncrement()) < parts && !cancellation.isRequested()) {
                task.run(part, worker);
            }
        } catch (RuntimeException | Error e) {
            nextPart.set(parts);
            failure.compareAndSet(null, e);
        }
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
            int seen = 0;
            while (true) {
                seen = await(seen);
                if (closed) {
                    return;
                }
                drain(number);
                running.decrementAndGet();
            }
        }

        private int await(int seen) {
            for (int spin = 0; region.get() == seen; spin++) {
                if (closed) {
                    return seen;
                }
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (region.get() == seen && !closed) {
                        LockSupport.park(WorkerPool.this);
                    }
                    parked = false;
                }
            }
            return region.get();
        }
    }
}
