package dev.winnow.core.eval;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a warm-up is over: when runs do not get faster any more, and the compilers of the JVM have come to rest. Speed alone does not tell: on few
 * processors a large method waits in the compiler's queue for seconds, during which it is as slow as before.
 */
final class Settling {

    /** A run is an improvement if it is faster than all before by this share. */
    private static final double IMPROVEMENT = 0.03;
    /** Runs without an improvement that end a warm-up: one alone may have been disturbed. */
    private static final int CALM_RUNS = 2;
    /** What compilers at rest may take of one processor. */
    private static final double COMPILER_AT_REST = 0.1;
    /** How long they are watched; a method takes less. */
    private static final long WATCHED_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SHORTEST_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long LONGEST_NANOS = Duration.ofSeconds(60).toNanos();
    /** How long their rest is waited for, which never comes if the process does other work, too. */
    private static final long LONGEST_COMPILING_NANOS = Duration.ofSeconds(15).toNanos();

    private final LongSupplier clock;
    private final LongSupplier compiler;
    private final long begun;

    private long fastest = Long.MAX_VALUE;
    private int calmRuns;
    private long watchedFrom;
    private long compiledBefore;
    private boolean compilerRests;

    /**
     * Begins a warm-up.
     *
     * @param clock    nanoseconds
     * @param compiler nanoseconds that were spent on compiling so far
     */
    Settling(LongSupplier clock, LongSupplier compiler) {
        this.clock = clock;
        this.compiler = compiler;
        begun = clock.getAsLong();
        watchedFrom = begun;
        compiledBefore = compiler.getAsLong();
    }

    /** Begins a warm-up of this process. */
    static Settling begin() {
        @Nullable
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean(); // null with -Xint
        boolean told = compiler != null && compiler.isCompilationTimeMonitoringSupported();
        return new Settling(System::nanoTime, () -> told ? 1_000_000 * compiler.getTotalCompilationTime() : 0);
    }

    /**
     * Takes note of a run.
     *
     * @param nanos its time
     */
    void ran(long nanos) {
        calmRuns = nanos < (1 - IMPROVEMENT) * fastest ? 0 : calmRuns + 1;
        fastest = Math.min(fastest, nanos);
        long now = clock.getAsLong();
        if (now - watchedFrom >= WATCHED_NANOS) {
            long compiled = compiler.getAsLong();
            compilerRests = compiled - compiledBefore <= COMPILER_AT_REST * (now - watchedFrom);
            watchedFrom = now;
            compiledBefore = compiled;
        }
    }

    /** Returns whether the next run can be timed. */
    boolean isOver() {
        long elapsed = clock.getAsLong() - begun;
        boolean compiled = compilerRests || elapsed >= LONGEST_COMPILING_NANOS;
        return elapsed >= LONGEST_NANOS || (elapsed >= SHORTEST_NANOS && calmRuns >= CALM_RUNS && compiled);
    }
}
