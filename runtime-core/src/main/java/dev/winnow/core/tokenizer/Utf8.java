package dev.winnow.core.tokenizer;

/** The encoding of texts: only what {@link String} does not do itself. */
final class Utf8 {

    /** What stands for text that cannot be encoded. */
    static final int REPLACEMENT = 0xFFFD;

    private Utf8() {}

    static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** Returns the text with every lone surrogate replaced, so that each of its characters has an encoding. */
    static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) {
                continue;
            }
            if (Character.charCount(text.codePointAt(i)) == 2) {
                i++;
            } else {
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(i, (char) REPLACEMENT);
            }
        }
        return repaired == null ? text : repaired.toString();
    }
}
