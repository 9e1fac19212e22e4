package dev.winnow.core.tokenizer;

/** SentencePiece writes a space as U+2581. */
final class SpaceSymbol {

    static final char CHARACTER = '\u2581';

    private SpaceSymbol() {}

    static String toSpaces(String text) {
        return text.replace(CHARACTER, ' ');
    }
}
