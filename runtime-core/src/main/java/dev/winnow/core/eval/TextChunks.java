package dev.winnow.core.eval;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import java.util.Arrays;

/** A text cut as llama-perplexity cuts it: tokens of the whole text, in chunks of one context; what does not fill a chunk is left out. Immutable. */
public final class TextChunks {

    /** Fewest tokens of a chunk: the second half has to hold a token that is predicted from one of its own. */
    static final int SHORTEST = 4;

    /** Chunk length of llama-perplexity. */
    static final int DEFAULT_LENGTH = 512;

    private final int[] tokens; // [count][length]
    private final int length;
    private final int count;

    /**
     * Wraps tokens.
     *
     * @param tokens [count][length]; belongs to the chunks from now on
     */
    TextChunks(int[] tokens, int length, int count) {
        this.tokens = tokens;
        this.length = length;
        this.count = count;
    }

    /**
     * Cuts a text.
     *
     * @param length     tokens of a chunk; 0 for {@link #DEFAULT_LENGTH}
     * @param mostChunks limit of chunks; 0 for none
     * @throws WinnowException if the text has less than two chunks
     */
    public static TextChunks of(Tokenizer tokenizer, String text, int length, int mostChunks) {
        int chunkLength = length == 0 ? DEFAULT_LENGTH : length;
        if (chunkLength < SHORTEST) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The context of " + chunkLength + " tokens is too short to measure; give " + SHORTEST + " or more (-c).");
        }
        int[] tokens = tokenizer.encode(text, true, false);
        if (tokens.length < 2L * chunkLength) {
            double charactersPerToken = tokens.length == 0 ? 4 : (double) text.length() / tokens.length;
            throw new WinnowException(WinnowException.Kind.USAGE, "The text has " + tokens.length + " tokens (" + text.length()
                    + " characters), but a context of " + chunkLength + " needs at least " + 2L * chunkLength + " tokens (about "
                    + Math.round(2 * chunkLength * charactersPerToken) + " characters): give a longer text, or a shorter context (-c).");
        }
        int whole = tokens.length / chunkLength;
        return new TextChunks(Arrays.copyOf(tokens, whole * chunkLength), chunkLength, whole).limited(mostChunks);
    }

    /**
     * Returns the first chunks.
     *
     * @param mostChunks limit of chunks; 0 for none
     */
    TextChunks limited(int mostChunks) {
        if (mostChunks < 0) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The number of chunks is " + mostChunks + ", but takes 0 (all) or more (--chunks).");
        }
        int fewer = mostChunks == 0 ? count : Math.min(count, mostChunks);
        return new TextChunks(Arrays.copyOf(tokens, fewer * length), length, fewer);
    }

    /** Returns a chunk as the model sees it: a model that adds BOS has it in the place of the chunk's first token. */
    public int[] chunk(int index, Tokenizer tokenizer) {
        int[] chunk = Arrays.copyOfRange(tokens, index * length, (index + 1) * length);
        if (tokenizer.addsBos() && tokenizer.bosToken().isPresent()) {
            chunk[0] = tokenizer.bosToken().getAsInt();
        }
        return chunk;
    }

    /** Returns a token of the text, 0 to count × length − 1, as it was before BOS took the place of a chunk's first one. */
    int token(int index) {
        return tokens[index];
    }

    /** Returns the tokens of a chunk. */
    int length() {
        return length;
    }

    /** Returns the number of chunks. */
    public int count() {
        return count;
    }

    /** Returns the first position of a chunk whose logits are scored; the last one is {@code length − 2}, which predicts the chunk's last token. */
    int firstScored() {
        return length / 2;
    }
}
