package dev.winnow.core.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60) // a lost part would make a region wait for ever
final class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyPartRunsOnceAndIsVisibleAfterwards(int workers) {
        try (WorkerPool pool = new WorkerPool(workers)) {
            for (int region = 0; region < 3000; region++) {
                int count = region % 17;
                int[] runs = new int[17]; // plain: the end of a region has to publish what its parts wrote
                ParallelTask task = (part, worker) -> {
                    assertTrue(worker >= 0 && worker < workers);
                    runs[part]++;
                };
                if (region % 3 == 0) {
                    pool.runInRanges(count, task);
                } else {
                    pool.run(count, task);
                }
                for (int part = 0; part < runs.length; part++) {
                    assertEquals(part < count ? 1 : 0, runs[part], "region " + region + " part " + part);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void othersTakeTheWorkOfAWorkerThatStandsStill(boolean inRanges) throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            AtomicBoolean slow = new AtomicBoolean(true);
            AtomicIntegerArray runs = new AtomicIntegerArray(64);
            Thread releaser = Thread.ofPlatform().start(() -> {
                for (int part = 1; part < 64; part++) {
                    while (runs.get(part) == 0) {
                        Thread.onSpinWait();
                    }
                }
                goOn.countDown(); // all other parts have been run by one worker while the other stood still in its first
            });
            ParallelTask task = (part, worker) -> {
                if (part == 0 && slow.getAndSet(false)) {
                    begun.countDown();
                    await(goOn);
                }
                runs.incrementAndGet(part);
            };
            if (inRanges) {
                pool.runInRanges(64, task);
            } else {
                pool.run(64, task);
            }
            releaser.join();
            assertEquals(0, begun.getCount());
            for (int part = 0; part < 64; part++) {
                assertEquals(1, runs.get(part));
            }
        }
    }

    @Test
    void failureOfAPartReachesTheCallerAndThePoolGoesOn() {
        try (WorkerPool pool = new WorkerPool(2)) {
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> pool.run(100, (part, worker) -> {
                        if (part == 7) {
                            throw new IllegalStateException("part 7");
                        }
                    }));
            assertEquals("part 7", thrown.getMessage());
            AtomicIntegerArray runs = new AtomicIntegerArray(100);
            pool.run(100, (part, worker) -> runs.incrementAndGet(part));
            for (int part = 0; part < 100; part++) {
                assertEquals(1, runs.get(part));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void cancellationStopsBetweenParts(int workers) {
        try (WorkerPool pool = new WorkerPool(workers)) {
            Cancellation cancellation = Cancellation.manual();
            AtomicIntegerArray runs = new AtomicIntegerArray(1);
            pool.acquire(cancellation);
            try {
                pool.run(1000, (part, worker) -> {
                    runs.incrementAndGet(0);
                    cancellation.cancel();
                });
            } finally {
                pool.release();
            }
            assertTrue(runs.get(0) <= workers, "a part that had begun by then may end, no other may begin");
            pool.run(1000, (part, worker) -> runs.incrementAndGet(0));
            assertTrue(runs.get(0) >= 1000, "the cancellation belonged to its caller");
        }
    }

    @Test
    void aNestedCallerLeavesTheCancellationOfTheOuterOne() {
        try (WorkerPool pool = new WorkerPool(2)) {
            Cancellation cancellation = Cancellation.manual();
            pool.acquire(cancellation);
            pool.acquire(Cancellation.never());
            assertTrue(pool.isHeld());
            pool.release();
            cancellation.cancel();
            assertTrue(pool.isStopping());
            assertTrue(pool.isHeld());
            pool.release();
            assertFalse(pool.isStopping());
            assertFalse(pool.isHeld());
        }
    }

    @Test
    @Timeout(60)
    void whoWaitsForAnotherCallerCanBeCancelled() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            pool.acquire(Cancellation.never());
            Cancellation cancellation = Cancellation.manual();
            AtomicBoolean taken = new AtomicBoolean(true);
            Thread other = Thread.ofPlatform().start(() -> taken.set(pool.acquire(cancellation)));
            cancellation.cancel();
            other.join();
            assertFalse(taken.get());
            pool.release();
            Thread interrupted = Thread.ofPlatform().unstarted(() -> {
                Thread.currentThread().interrupt();
                taken.set(pool.acquire(Cancellation.never()) && Thread.interrupted());
                pool.release();
            });
            interrupted.start();
            interrupted.join();
            assertTrue(taken.get(), "an interruption is no cancellation, and is kept");
        }
    }

    /** A claim beyond the end counts the next part on, and must not reach the bits of the end. */
    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void theGreatestRegionLeavesRoomForClaimsBeyondItsEnd(int workers) {
        int most = (1 << 20) - 1 - 2 * workers;
        try (WorkerPool pool = new WorkerPool(workers)) {
            AtomicIntegerArray runs = new AtomicIntegerArray(most);
            pool.run(most, (part, worker) -> runs.incrementAndGet(part));
            for (int part = 0; part < most; part++) {
                assertEquals(1, runs.get(part));
            }
            assertThrows(IllegalArgumentException.class, () -> pool.run(most + 1, (part, worker) -> {}));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
