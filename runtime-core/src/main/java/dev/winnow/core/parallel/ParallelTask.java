package dev.winnow.core.parallel;

/** Work that is cut into numbered parts. */
@FunctionalInterface
public interface ParallelTask {

    /** Does one part on one worker; different parts run at once, each worker runs one part at a time. */
    void run(int part, int worker);
}
