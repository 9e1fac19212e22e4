package dev.winnow.core.eval;

/**
 * The file of log-probabilities that llama-perplexity writes with {@code --kl-divergence-base} and reads with {@code --kl-divergence}; little-endian:
 *
 * <pre>
 * 8 bytes  "_logits_"
 * i32      context length n
 * i32      vocabulary size V
 * i32      chunks c
 * i32[c·n] tokens of the text, before BOS takes the place of a chunk's first one
 * for each chunk, for each position n/2 … n−2:
 *   f32    scale
 *   f32    minimum
 *   u16[V] ln p(token) = scale · u + minimum
 *   u16    0, if V is odd
 * </pre>
 */
final class KldFormat {

    /** The first bytes. */
    static final String MAGIC = "_logits_";

    /** Bytes before the tokens. */
    static final int HEADER_BYTES = 8 + 3 * Integer.BYTES;

    /** Largest code. */
    static final int LARGEST_CODE = 65535;

    /** Log-probabilities further below the largest one are stored as if they were this far below it. */
    static final float RANGE = 16;

    private KldFormat() {}

    /** Returns the bytes of one position. */
    static int positionBytes(int vocabularySize) {
        return 2 * Float.BYTES + 2 * Short.BYTES * ((vocabularySize + 1) / 2);
    }

    /** Returns the number of stored positions of a chunk. */
    static int positionsPerChunk(int contextLength) {
        return contextLength - 1 - contextLength / 2;
    }
}
