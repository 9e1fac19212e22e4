package dev.winnow.core.tokenizer;

import java.util.Arrays;

/**
 * Numbers for texts, found by a slice of a larger text or by two slices that stand for their concatenation, without creating strings.
 *
 * <p>An open hash table by 64-bit keys. The key of a text of up to seven usual characters is the text itself, so equal keys mean equal texts; these are most
 * of the lookups, and they never leave the table for a string somewhere else in memory. Other texts have a hash as their key and are compared.
 */
final class StringIndex {

    /** What is returned for a text that the index does not hold. */
    static final int NONE = -1;

    private static final int PACKED_CHARACTERS = 7;
    private static final int PACKED_BITS = 9; // enough for GPT-2's visible characters of bytes
    private static final int PACKED_SPACE = (1 << PACKED_BITS) - 1; // stands for U+2581
    private static final long SCRAMBLE = 0x9E3779B97F4A7C15L; // 2^64 divided by the golden ratio, Knuth's multiplicative hashing

    private String[] texts; // [capacity], the first size of them used
    private long[] table; // a power of two of pairs: key, and number + 1 or 0 for a free one
    private int shift; // of a scrambled key to a pair
    private int size;

    StringIndex(int expectedSize) {
        texts = new String[Math.max(16, expectedSize)];
        allocate(Integer.highestOneBit(Math.max(32, expectedSize)) << 1);
    }

    private void allocate(int pairs) {
        table = new long[2 * pairs];
        shift = Long.numberOfLeadingZeros(pairs) + 1;
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
        long key = key(text, start, end, secondStart, secondEnd);
        for (int pair = pair(key); table[pair + 1] != 0; pair = next(pair)) {
            int number = (int) table[pair + 1] - 1;
            if (table[pair] == key && (key >= 0 || matches(number, text, start, end, secondStart, secondEnd))) {
                return number;
            }
        }
        return NONE;
    }

    private boolean matches(int number, String text, int start, int end, int secondStart, int secondEnd) {
        String candidate = texts[number];
        return candidate.length() == end - start + secondEnd - secondStart && candidate.regionMatches(0, text, start, end - start)
                && candidate.regionMatches(end - start, text, secondStart, secondEnd - secondStart);
    }

    /** A text itself, packed into the bits of a positive number, or a negative hash. */
    private static long key(String text, int start, int end, int secondStart, int secondEnd) {
        if (end - start + secondEnd - secondStart <= PACKED_CHARACTERS) {
            long first = pack(0, text, start, end);
            long packed = first < 0 ? first : pack(first, text, secondStart, secondEnd);
            if (packed >= 0) {
                return packed;
            }
        }
        return hash(hash(0, text, start, end), text, secondStart, secondEnd) | Long.MIN_VALUE;
    }

    /** Appends the characters of a slice to a packed text; negative if one of them does not fit. */
    private static long pack(long packed, String text, int start, int end) {
        long result = packed;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == 0 || (c >= PACKED_SPACE && c != SpaceSymbol.CHARACTER)) {
                return -1;
            }
            result = result << PACKED_BITS | (c == SpaceSymbol.CHARACTER ? PACKED_SPACE : c);
        }
        return result;
    }

    private static long hash(long seed, String text, int start, int end) {
        long hash = seed;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * SCRAMBLE;
            hash ^= hash >>> Integer.SIZE;
        }
        return hash;
    }

    private int pair(long key) {
        return (int) (key * SCRAMBLE >>> shift) << 1;
    }

    private int next(int pair) {
        return pair + 2 & table.length - 1;
    }

    /** Adds a text under the next number, also if the index holds an equal text already: then the earlier number is the one that is found. */
    void add(String text) {
        if (size == texts.length) {
            texts = Arrays.copyOf(texts, 2 * size);
        }
        if (4 * (size + 1) > table.length) {
            allocate(table.length);
            for (int number = 0; number < size; number++) {
                insert(number);
            }
        }
        texts[size] = text;
        insert(size++);
    }

    private void insert(int number) {
        String text = texts[number];
        int length = text.length();
        long key = key(text, 0, length, length, length);
        int pair = pair(key);
        while (table[pair + 1] != 0) {
            if (table[pair] == key && (key >= 0 || texts[(int) table[pair + 1] - 1].equals(text))) {
                return;
            }
            pair = next(pair);
        }
        table[pair] = key;
        table[pair + 1] = number + 1L;
    }
}
