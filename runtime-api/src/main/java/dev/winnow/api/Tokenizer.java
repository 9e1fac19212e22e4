package dev.winnow.api;

import java.util.OptionalInt;

/** Turns text into token ids and back, exactly as the model was trained. Immutable and thread-safe. */
public interface Tokenizer {

    /** Returns the number of tokens. */
    int vocabularySize();

    /**
     * Returns the ids of a text.
     *
     * @param addSpecial   whether the tokens that the model expects around a text (usually one at the beginning) are added
     * @param parseSpecial whether the names of control tokens inside the text become these tokens; if not, they are plain text
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /**
     * Returns the text of ids; bytes that are not UTF-8 become U+FFFD.
     *
     * @param special whether control tokens are written as their names; if not, they are dropped
     */
    String decode(int[] tokens, boolean special);

    /**
     * Returns the bytes of ids, as {@link #decode} before the conversion to text.
     *
     * @param special whether control tokens are written as their names; if not, they are dropped
     */
    byte[] decodeBytes(int[] tokens, boolean special);

    /** Returns a decoder for tokens that arrive one by one. */
    TokenDecoder newDecoder(boolean special);

    /** Returns the name of a token as it stands in the vocabulary, for display. */
    String tokenText(int token);

    /** Returns whether a token ends a generation. */
    boolean isEndOfGeneration(int token);

    /** Returns the token that begins a text. */
    OptionalInt bosToken();

    /** Returns the token that ends a text. */
    OptionalInt eosToken();

    /** Returns whether {@link #encode} adds {@link #bosToken()} when asked for special tokens. */
    boolean addsBos();
}
