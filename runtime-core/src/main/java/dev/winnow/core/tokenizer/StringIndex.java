package dev.winnow.core.tokenizer;

import java.util.Arrays;

/**
 * Numbers for texts, found by a slice of a larger text or by two slices that stand for their concatenation, without creating strings. An open hash table over
 * {@link String#hashCode}, which the JDK computes fast and keeps.
 */
final class StringIndex {

    /** What is returned for a text that the index does not hold. */
    static final int NONE = -1;

    private static final int SCRAMBLE = 0x9E3779B9; // 2^32 divided by the golden ratio, Knuth's multiplicative hashing

    private String[] texts; // [capacity], the first size of them used
    private long[] slots; // a power of two of them: hash and number + 1, or 0 for a free one
    private int shift; // of a scrambled hash to a slot
    private int size;

    StringIndex(int expectedSize) {
        texts = new String[Math.max(16, expectedSize)];
        allocate(Math.max(64, Integer.highestOneBit(Math.max(1, expectedSize)) << 2));
    }

    private void allocate(int count) {
        slots = new long[count];
        shift = Integer.numberOfLeadingZeros(count) + 1;
    }

    int size() {
        return size;
    }

    String text(int number) {
        return texts[number];
    }

    int find(String text) {
        return find(text, 0, text.length());
    }

    int find(String text, int start, int end) {
        return find(text, start, end, end, end);
    }

    /** Returns the number of {@code text[start, end) + text[secondStart, secondEnd)}. */
    int find(String text, int start, int end, int secondStart, int secondEnd) {
        int hash = hash(hash(0, text, start, end), text, secondStart, secondEnd);
        for (int slot = hash * SCRAMBLE >>> shift;; slot = slot + 1 & slots.length - 1) {
            long entry = slots[slot];
            if (entry == 0) {
                return NONE;
            }
            if ((int) (entry >> Integer.SIZE) == hash) { // strings are far away in memory: look at one only if it is likely the one
                String candidate = texts[(int) entry - 1];
                if (candidate.length() == end - start + secondEnd - secondStart
                        && candidate.regionMatches(0, text, start, end - start)
                        && candidate.regionMatches(end - start, text, secondStart, secondEnd - secondStart)) {
                    return (int) entry - 1;
                }
            }
        }
    }

    private static int hash(int seed, String text, int start, int end) {
        int hash = seed;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }

    /** Adds a text under the next number, also if the index holds an equal text already: then the earlier number is the one that is found. */
    void add(String text) {
        if (size == texts.length) {
            texts = Arrays.copyOf(texts, 2 * size);
        }
        if (2 * (size + 1) > slots.length) {
            allocate(2 * slots.length);
            for (int number = 0; number < size; number++) {
                insert(number);
            }
        }
        texts[size] = text;
        insert(size++);
    }

    private void insert(int number) {
        String text = texts[number];
        int hash = text.hashCode();
        int slot = hash * SCRAMBLE >>> shift;
        while (slots[slot] != 0) {
            if ((int) (slots[slot] >> Integer.SIZE) == hash && texts[(int) slots[slot] - 1].equals(text)) {
                return;
            }
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = (long) hash << Integer.SIZE | number + 1;
    }
}
