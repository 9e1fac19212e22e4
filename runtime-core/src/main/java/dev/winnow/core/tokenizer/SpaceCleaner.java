package dev.winnow.core.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Removes the spaces that BPE models of the GPT-2 family put before punctuation, in llama.cpp's three passes. */
final class SpaceCleaner {

    private static final byte[][] CONTRACTIONS = {{'s'}, {'m'}, {'r', 'e'}, {'v', 'e'}};

    private SpaceCleaner() {}

    static byte[] clean(byte[] text) {
        return beforeContractions(aroundApostrophes(beforePunctuation(text)));
    }

    private static byte[] beforePunctuation(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length; i++) {
            boolean dropped = text[i] == ' ' && i > 0 && i + 1 < text.length && "?!.,".indexOf(text[i + 1]) >= 0;
            if (!dropped) {
                out.write(text[i]);
            }
        }
        return out.toByteArray();
    }

    /** {@code " ' "} becomes {@code "'"}. */
    private static byte[] aroundApostrophes(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length; i++) {
            if (text[i] == ' ' && i > 0 && i + 2 < text.length && text[i + 1] == '\'' && text[i + 2] == ' ') {
                out.write('\'');
                i += 2;
            } else {
                out.write(text[i]);
            }
        }
        return out.toByteArray();
    }

    private static byte[] beforeContractions(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length; i++) {
            if (!(text[i] == ' ' && i > 0 && i + 1 < text.length && text[i + 1] == '\'' && contractionAt(text, i + 2))) {
                out.write(text[i]);
            }
        }
        return out.toByteArray();
    }

    private static boolean contractionAt(byte[] text, int at) {
        for (byte[] ending : CONTRACTIONS) {
            if (at + ending.length <= text.length && Arrays.equals(text, at, at + ending.length, ending, 0, ending.length)) {
                return true;
            }
        }
        return false;
    }
}
