package dev.winnow.core.tokenizer;

import java.util.stream.IntStream;

/** Turns a piece of text without special tokens into tokens. Thread-safe. */
interface TextTokenizer {

    /**
     * Appends the tokens of a text.
     *
     * @param afterSpecial whether the text begins the input or follows a special token
     */
    void tokenize(String text, boolean afterSpecial, IntStream.Builder target);

    /** Returns the bytes that a token stands for. */
    byte[] bytes(int token);
}
