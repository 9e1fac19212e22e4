package dev.winnow.api;

import dev.winnow.spi.AttentionPhase;
import java.util.List;

/**
 * One sequence of tokens and the state that a model keeps of it. Not thread-safe: one thread at a time; sessions of one model are independent and may be used
 * from different threads, where their work takes turns.
 */
public interface Session extends AutoCloseable {

    /** Returns the model. */
    Model model();

    /** Returns the number of tokens so far. */
    int length();

    /** Returns the largest number of tokens. */
    int contextLength();

    /** Returns the tokens so far. */
    int[] tokens();

    /** Returns the refiners that are active, in order. */
    List<RefinerReport> refiners();

    /**
     * Appends tokens and computes the logits of the last one.
     *
     * @throws WinnowException       if they do not fit into the context; the session is unchanged
     * @throws IllegalStateException if the model was closed
     */
    void append(int... tokens);

    /**
     * Appends tokens.
     *
     * @param tokens       ids
     * @param logits       receives the logits of positions that it wants; those of the last one are always computed
     * @param cancellation checked between tiles; a cancelled or failed call leaves the tokens of the session as they were, or none where a sliding window has
     *                     passed over keys that they need, and no logits
     * @param progress     told of finished tokens
     * @return whether all tokens were appended, that is, the call was not cancelled
     * @throws WinnowException       if they do not fit into the context; the session is unchanged
     * @throws IllegalStateException if the model was closed
     */
    boolean append(int[] tokens, LogitsConsumer logits, Cancellation cancellation, ProgressListener progress);

    /**
     * Returns the logits of the last token: [vocabulary size], a copy.
     *
     * @throws IllegalStateException if there is none, or if the session was truncated since
     */
    float[] logits();

    /**
     * Drops all tokens at and above a position.
     *
     * @throws WinnowException if pages below {@code length} that are still needed were released behind a sliding window; or if a refiner fails to take notice, after
     *                         which the session is cut, but only a new one can go on
     */
    void truncate(int length);

    /**
     * Returns a new session with the same tokens and logits, which shares the memory of keys and values with this one until either writes it. Its statistics begin
     * at 0.
     *
     * @throws WinnowException if a refiner cannot be created, or fails to take notice of the tokens
     */
    Session fork();

    /** Generates text. Tokens that the session holds and the prompt begins with are reused; the rest is dropped. */
    GenerationResult generate(GenerationRequest request, GenerationListener listener);

    /** Returns what a phase has cost so far. */
    PhaseStatistics statistics(AttentionPhase phase);

    /** Frees the memory of keys and values. Appending, generating, truncating and forking is an {@link IllegalStateException} afterwards. */
    @Override
    void close();
}
