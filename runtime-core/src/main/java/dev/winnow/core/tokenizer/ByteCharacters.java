package dev.winnow.core.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** GPT-2's table that writes every byte as one visible character: printable Latin-1 as itself, the rest from U+0100 on. */
final class ByteCharacters {

    private static final char[] CHARACTERS = new char[256];
    private static final int[] BYTES = new int[256 + 68]; // by character, −1 for none

    static {
        java.util.Arrays.fill(BYTES, -1);
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            CHARACTERS[b] = (char) (visible ? b : next++);
            BYTES[CHARACTERS[b]] = b;
        }
    }

    private ByteCharacters() {}

    static char character(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            text.append(CHARACTERS[b & 0xFF]);
        }
        return text.toString();
    }

    /** Writes the byte of a character, or the character itself if it stands for none. */
    static void decode(int codePoint, ByteArrayOutputStream target) {
        if (codePoint < BYTES.length && BYTES[codePoint] >= 0) {
            target.write(BYTES[codePoint]);
        } else {
            target.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
        }
    }
}
