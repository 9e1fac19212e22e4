package dev.winnow.launcher.options;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Replaces escapes as llama.cpp does (common/common.cpp, string_process_escapes): unknown ones stay as they are, and {@code \xHH} is a byte, not a character. */
final class Escapes {

    private Escapes() {}

    static String replace(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        byte[] from = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream to = new ByteArrayOutputStream(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '\\' || i + 1 == from.length) {
                to.write(from[i]);
                continue;
            }
            byte letter = from[++i];
            switch (letter) {
                case 'n' -> to.write('\n');
                case 'r' -> to.write('\r');
                case 't' -> to.write('\t');
                case '\'', '"', '\\' -> to.write(letter);
                case 'x' -> {
                    int value = i + 2 < from.length ? hex(from[i + 1]) * 16 + hex(from[i + 2]) : -1;
                    if (value >= 0) {
                        to.write(value);
                        i += 2;
                    } else {
                        to.write('\\');
                        to.write('x');
                    }
                }
                default -> {
                    to.write('\\');
                    to.write(letter);
                }
            }
        }
        return to.toString(StandardCharsets.UTF_8);
    }

    /** Returns the value of a hexadecimal digit; for anything else a number so small that no sum with it is positive. */
    private static int hex(byte digit) {
        int value = Character.digit(digit, 16);
        return value >= 0 ? value : -1024;
    }
}
