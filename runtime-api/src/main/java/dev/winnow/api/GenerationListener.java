package dev.winnow.api;

/** Told of the progress of a generation, on the thread that generates. */
public interface GenerationListener {

    /** A listener that does nothing. */
    GenerationListener SILENT = new GenerationListener() {};

    /** {@code done} of {@code total} prompt tokens have been computed. */
    default void promptProgress(int done, int total) {}

    /** More text is final: whole characters, stop strings already held back. */
    default void text(String piece) {}

    /** A token was chosen; its text may come later. */
    default void token(int token) {}
}
