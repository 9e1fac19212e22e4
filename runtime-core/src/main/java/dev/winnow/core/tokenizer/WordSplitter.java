package dev.winnow.core.tokenizer;

/** One step of a pre-tokenizer: cuts pieces of a text into smaller pieces. Immutable and thread-safe. */
@FunctionalInterface
interface WordSplitter {

    /** Appends the ends of the pieces of {@code text[start, end)}, the last of them {@code end}. The range is not empty. */
    void split(CodePoints text, int start, int end, Ends ends);

    /** Collects the ends of consecutive pieces. */
    final class Ends {

        private int[] values = new int[64];
        private int count;

        void add(int end) {
            if (count == values.length) {
                values = java.util.Arrays.copyOf(values, 2 * count);
            }
            values[count++] = end;
        }

        int count() {
            return count;
        }

        int get(int index) {
            return values[index];
        }
    }
}
