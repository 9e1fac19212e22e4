package dev.winnow.api;

/** Why a generation ended. */
public enum FinishReason {
    /** The model produced an end-of-generation token. */
    END_OF_GENERATION,
    /** A stop string appeared. */
    STOP_STRING,
    /** The requested number of tokens was produced. */
    LENGTH,
    /** The context is full. */
    CONTEXT_FULL,
    /** {@link Cancellation#cancel} was called. */
    CANCELLED,
    /** The deadline of the {@link Cancellation} passed. */
    TIMEOUT
}
