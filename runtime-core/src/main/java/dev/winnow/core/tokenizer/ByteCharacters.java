package dev.winnow.core.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** GPT-2's table that writes every byte as one visible character: printable Latin-1 as itself, the rest from U+0100 on. */
final class ByteCharacters {

    private static final char[] CHARACTERS = new char[256];
    private static final int[] BYTES = new int[256 + 68]; // by character, −1 for none

    static {
        Arrays.fill(BYTES, -1);
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
        char[] text = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            text[i] = CHARACTERS[bytes[i] & 0xFF];
        }
        return new String(text);
    }

    /** Returns the bytes of a text; characters that stand for no byte stand for themselves. */
    static byte[] decode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        text.codePoints().forEach(c -> {
            if (c < BYTES.length && BYTES[c] >= 0) {
                bytes.write(BYTES[c]);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }
}
