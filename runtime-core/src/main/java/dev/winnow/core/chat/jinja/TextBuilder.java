package dev.winnow.core.chat.jinja;

import java.util.BitSet;

/** Builds a {@link Text} from parts. */
final class TextBuilder {

    /** The longest text that a template may make, in UTF-16 units: templates come from files that may mean harm. */
    static final int LIMIT = 1 << 28;

    private final StringBuilder value = new StringBuilder();
    private final BitSet marks = new BitSet();

    TextBuilder append(Text part) {
        int start = reserve(part.value().length());
        value.append(part.value());
        BitSet partMarks = part.marks();
        for (int from = partMarks.nextSetBit(0); from >= 0;) {
            int to = partMarks.nextClearBit(from);
            marks.set(start + from, start + to);
            from = partMarks.nextSetBit(to);
        }
        return this;
    }

    TextBuilder append(String part) {
        return append(part, false);
    }

    TextBuilder append(String part, boolean marked) {
        int start = reserve(part.length());
        value.append(part);
        marks.set(start, value.length(), marked);
        return this;
    }

    private int reserve(int length) {
        if (value.length() > LIMIT - length) {
            throw JinjaException.of("the text becomes too long");
        }
        return value.length();
    }

    Text build() {
        return new Text(value.toString(), (BitSet) marks.clone());
    }
}
