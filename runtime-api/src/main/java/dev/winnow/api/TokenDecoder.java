package dev.winnow.api;

/** Decodes tokens one by one and returns only whole characters: the bytes of an unfinished UTF-8 sequence wait for the next token. Not thread-safe. */
public interface TokenDecoder {

    /** Returns the text that the token completes; possibly empty. */
    String append(int token);

    /** Ends the text: returns what is left, with U+FFFD for an unfinished sequence. */
    String finish();
}
