package dev.winnow.api;

/** Receives the logits of chosen positions while tokens are appended to a session. */
public interface LogitsConsumer {

    /** Returns whether the logits of a position are wanted. */
    boolean wants(int position);

    /**
     * Receives the logits of a position that was wanted, in order of positions.
     *
     * @param logits [vocabulary size]; valid during the call
     */
    void accept(int position, float[] logits);
}
