package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class SettlingTest {

    private long clock;
    private long compiled;

    /**
     * Runs until the warm-up is over.
     *
     * @param seconds   the time of each run
     * @param compiling what part of it the compilers work
     * @return the number of runs
     */
    private int runs(IntToDoubleFunction seconds, IntToDoubleFunction compiling) {
        Settling settling = new Settling(() -> clock, () -> compiled);
        int run = 0;
        while (!settling.isOver()) {
            long nanos = nanos(seconds.applyAsDouble(run));
            clock += nanos;
            compiled += (long) (compiling.applyAsDouble(run) * nanos);
            settling.ran(nanos);
            run++;
        }
        return run;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void twoSecondsAreEnoughForAWarmProcess() {
        assertEquals(10, runs(run -> 0.2, run -> 0));
        assertEquals(4, runs(run -> 0.5, run -> 0.09));
    }

    @Test
    void longRunsNeedTwoWithoutAnImprovement() {
        assertEquals(3, runs(run -> 10, run -> 0));
        assertEquals(6, runs(run -> run < 4 ? 10 - run : 7, run -> 0));
    }

    @Test
    void goesOnWhileRunsGetFaster() {
        assertEquals(10 + 2, runs(run -> Math.max(1, Math.pow(0.9, run - 9)), run -> 0));
    }

    @Test
    void goesOnWhileSomethingIsBeingCompiled() {
        assertEquals(8, runs(run -> 0.5, run -> run < 5 ? 0.9 : 0.05));
    }

    @Test
    void endsWhereNothingSettles() {
        assertEquals(15, runs(run -> 1, run -> 1), "compilers that never rest");
        assertEquals(7, runs(run -> 10 * Math.pow(0.96, run), run -> 0), "ever faster runs: 62 seconds");
    }
}
