package dev.winnow.core.eval;

import java.util.Random;

/** Text of sentences for tests. */
final class FakeText {

    private static final String[] WORDS = {"river", "stone", "window", "autumn", "letter", "garden", "wind", "morning", "table", "quiet",
            "the", "a", "of", "under", "beyond", "holds", "finds", "moves"};

    private FakeText() {}

    /** Returns sentences of 4 to 12 words, at least {@code length} characters. */
    static String of(int length, long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int words = 4 + random.nextInt(9);
            for (int i = 0; i < words; i++) {
                String word = WORDS[random.nextInt(WORDS.length)];
                text.append(i == 0 ? word.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + word.substring(1) : " " + word);
            }
            text.append(random.nextInt(5) == 0 ? ".\n" : ". ");
        }
        return text.toString();
    }
}
