package dev.winnow.core.eval;

/** Finds where sentences end. */
final class Sentences {

    private static final String TERMINATORS = ".!?…。！？";
    private static final String CLOSERS = "\"'”’)]»";

    private Sentences() {}

    /** Returns whether a text, without the space at its end, ends a sentence or a paragraph. */
    static boolean isEnd(CharSequence text) {
        int end = text.length();
        while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
            if (text.charAt(end - 1) == '\n' && end > 1 && text.charAt(end - 2) == '\n') {
                return true;
            }
            end--;
        }
        while (end > 0 && CLOSERS.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return end > 0 && TERMINATORS.indexOf(text.charAt(end - 1)) >= 0;
    }
}
