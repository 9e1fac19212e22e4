package dev.winnow.core.tokenizer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of characters in a {@link WordPattern}. White space beyond ASCII counts as a vertical tab, as in llama.cpp. */
final class CharacterClass {

    private static final int ASCII = 128;
    private static final int VERTICAL_TAB = 0x0B;

    private final long[] ascii; // [2] one bit for each ASCII character
    private final int kinds; // one bit for each CharacterKind; for characters beyond ASCII
    private final int[] ranges; // first and last code point of each; for characters beyond ASCII
    private final boolean negated; // of kinds and ranges; the ASCII bits are final
    private final @Nullable CharacterClass except;

    private CharacterClass(Builder builder, boolean negated, @Nullable CharacterClass except) {
        this.ascii = new long[2];
        for (int c = 0; c < ASCII; c++) {
            if (builder.contains(c) != negated) {
                ascii[c >> 6] |= 1L << c;
            }
        }
        this.kinds = builder.kinds;
        this.ranges = builder.ranges.stream().flatMapToInt(java.util.Arrays::stream).toArray();
        this.negated = negated;
        this.except = except;
    }

    boolean contains(int codePoint, byte kind) {
        if (except != null && except.contains(codePoint, kind)) {
            return false;
        }
        if (codePoint < ASCII) {
            return (ascii[codePoint >> 6] >> codePoint & 1) != 0;
        }
        if (kind == CharacterKind.SPACE) {
            return (ascii[0] >> VERTICAL_TAB & 1) != 0;
        }
        return ((kinds >> kind & 1) != 0 || inRanges(codePoint)) != negated;
    }

    private boolean inRanges(int codePoint) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Collects what a class holds. */
    static final class Builder {

        private int kinds;
        private final List<int[]> ranges = new ArrayList<>();

        Builder add(byte kind) {
            kinds |= 1 << kind;
            return this;
        }

        Builder add(int first, int last) {
            ranges.add(new int[]{first, last});
            return this;
        }

        private boolean contains(int c) {
            boolean ofKind = (kinds >> CharacterKind.of(c) & 1) != 0;
            return ofKind || ranges.stream().anyMatch(range -> c >= range[0] && c <= range[1]);
        }

        CharacterClass build(boolean negated, @Nullable CharacterClass except) {
            return new CharacterClass(this, negated, except);
        }
    }
}
