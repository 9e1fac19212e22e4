package dev.winnow.launcher;

/** The escapes of llama.cpp's prompts: {@code \n \r \t \' \" \\} and {@code \xHH}; anything else stays as it is. */
final class Escapes {

    private Escapes() {}

    static String replace(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                result.append(c);
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'n' -> result.append('\n');
                case 'r' -> result.append('\r');
                case 't' -> result.append('\t');
                case '\'', '"', '\\' -> result.append(escaped);
                default -> {
                    if (escaped == 'x' && i + 2 < text.length() && Character.digit(text.charAt(i + 1), 16) >= 0
                            && Character.digit(text.charAt(i + 2), 16) >= 0) {
                        result.append((char) Integer.parseInt(text, i + 1, i + 3, 16));
                        i += 2;
                    } else {
                        result.append('\\').append(escaped);
                    }
                }
            }
        }
        return result.toString();
    }
}
