package dev.winnow.core.tokenizer;

import java.io.ByteArrayOutputStream;

/**
 * Removes the spaces that models of the GPT-2 family put before punctuation, in llama.cpp's three passes: before {@code ?!.,}, around a single apostrophe, and
 * before {@code 's 'm 're 've}. Bytes wait as long as the ones after them can still remove them.
 */
final class SpaceCleaner {

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private boolean spaceBeforeSign;
    private final StringBuilder apostrophe = new StringBuilder(); // a space and an apostrophe that wait in the second pass
    private final StringBuilder contraction = new StringBuilder(); // a space and the beginning of a contraction that wait in the third pass

    void add(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            removeBeforeSign((char) (bytes[i] & 0xFF));
        }
    }

    /** Lets go what waits: nothing more comes. */
    void finish() {
        if (spaceBeforeSign) {
            spaceBeforeSign = false;
            removeAroundApostrophe(' ');
        }
        release(apostrophe, true);
        release(contraction, false);
    }

    /** Returns what is final since the last call. */
    byte[] take() {
        byte[] bytes = output.toByteArray();
        output.reset();
        return bytes;
    }

    private void removeBeforeSign(char c) {
        boolean sign = c == '?' || c == '!' || c == '.' || c == ',';
        if (spaceBeforeSign && !sign) {
            removeAroundApostrophe(' ');
        }
        spaceBeforeSign = c == ' ';
        if (c != ' ') {
            removeAroundApostrophe(c);
        }
    }

    private void removeAroundApostrophe(char c) {
        if (apostrophe.length() == 2 && c == ' ') {
            apostrophe.setLength(0);
            removeBeforeContraction('\'');
            return;
        }
        boolean begins = apostrophe.length() == 1 && c == '\'';
        if (!begins) {
            release(apostrophe, true);
        }
        if (begins || c == ' ') {
            apostrophe.append(c);
        } else {
            removeBeforeContraction(c);
        }
    }

    private void removeBeforeContraction(char c) {
        boolean begins = contraction.length() == 1 && c == '\'' || contraction.length() == 2 && (c == 'r' || c == 'v');
        boolean ends = contraction.length() == 2 && (c == 's' || c == 'm') || contraction.length() == 3 && c == 'e';
        if (ends) {
            contraction.deleteCharAt(0);
        }
        if (!begins) {
            release(contraction, false);
        }
        if (begins || c == ' ') {
            contraction.append(c);
        } else {
            output.write(c);
        }
    }

    private void release(StringBuilder waiting, boolean toThirdPass) {
        String bytes = waiting.toString();
        waiting.setLength(0);
        for (int i = 0; i < bytes.length(); i++) {
            if (toThirdPass) {
                removeBeforeContraction(bytes.charAt(i));
            } else {
                output.write(bytes.charAt(i));
            }
        }
    }
}
