package dev.winnow.core.tokenizer;

import java.util.stream.IntStream;

/** Turns text without special tokens into tokens, and tokens back into bytes. Thread-safe. */
interface TextTokenizer {

    /**
     * Appends the tokens of a text, which is not empty and well-formed.
     *
     * @param afterSpecial whether the text begins the input or follows a special token
     */
    void tokenize(String text, boolean afterSpecial, IntStream.Builder target);

    /** Returns the bytes of a normal token. */
    byte[] bytes(int token);
}
