package dev.winnow.core.tokenizer;

import java.util.Locale;

/** Tokens that stand for one byte: {@code <0x00>} to {@code <0xFF>}. */
final class ByteTokens {

    private ByteTokens() {}

    /** Returns the token of each byte; {@link Vocabulary#NONE} where the vocabulary has none. */
    static int[] of(Vocabulary vocabulary) {
        int[] tokens = new int[256];
        for (int b = 0; b < tokens.length; b++) {
            tokens[b] = vocabulary.find(String.format(Locale.ROOT, "<0x%02X>", b));
        }
        return tokens;
    }

    /** Returns the byte of a byte token's text, or no bytes if the text is not of that form. */
    static byte[] parse(String text) {
        if (text.length() != 6 || !text.startsWith("<0x")) {
            return new byte[0];
        }
        int high = Character.digit(text.charAt(3), 16);
        int low = Character.digit(text.charAt(4), 16);
        return high < 0 || low < 0 ? new byte[0] : new byte[]{(byte) (high << 4 | low)};
    }
}
