package dev.winnow.api;

/** Told of the progress of appended tokens, on the calling thread. */
@FunctionalInterface
public interface ProgressListener {

    /** A listener that does nothing. */
    ProgressListener SILENT = (done, total) -> {};

    /** {@code done} of {@code total} tokens have been computed. */
    void progress(int done, int total);
}
