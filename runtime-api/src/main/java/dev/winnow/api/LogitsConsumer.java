package dev.winnow.api;

/** Receives the logits of chosen positions while tokens are appended to a session. */
public interface LogitsConsumer {

    /** A consumer that wants no logits. */
    LogitsConsumer NONE = new LogitsConsumer() {
        @Override
        public boolean wants(int position) {
            return false;
        }

        @Override
        public void accept(int position, float[] logits) {
            throw new IllegalStateException("logits of position " + position + " were not wanted");
        }
    };

    /** Returns whether the logits of a position are wanted. */
    boolean wants(int position);

    /**
     * Receives the logits of a position that was wanted, in order of positions.
     *
     * @param logits [vocabulary size]; valid during the call
     */
    void accept(int position, float[] logits);
}
