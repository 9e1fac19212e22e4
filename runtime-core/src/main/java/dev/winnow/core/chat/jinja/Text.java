package dev.winnow.core.chat.jinja;

import java.util.BitSet;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * A string whose characters remember whether a user wrote them. Strings are equal if their characters are. Immutable.
 *
 * <p>Parts keep the marks of their characters. What is computed from a whole string and has no characters of it any more is marked as a whole if one of the
 * characters was.
 */
public final class Text implements Comparable<Text> {

    static final Text EMPTY = of("");

    private final String value;
    private final BitSet marks; // one for each UTF-16 unit that a user wrote; never changed

    Text(String value, BitSet marks) {
        this.value = value;
        this.marks = marks;
    }

    /** Returns a string that no user wrote. */
    public static Text of(String value) {
        return new Text(value, new BitSet());
    }

    /** Returns a string that a user wrote. */
    public static Text written(String value) {
        BitSet marks = new BitSet();
        marks.set(0, value.length());
        return new Text(value, marks);
    }

    /** Returns the characters. */
    public String value() {
        return value;
    }

    /** Returns the UTF-16 units that a user wrote; a copy. */
    public BitSet marks() {
        return (BitSet) marks.clone();
    }

    boolean isMarked(int at) {
        return marks.get(at);
    }

    boolean isEmpty() {
        return value.isEmpty();
    }

    /** Returns the number of code points, Python's len. */
    int length() {
        return value.codePointCount(0, value.length());
    }

    /** Returns part of the string, in UTF-16 units. */
    Text substring(int start, int end) {
        return new Text(value.substring(start, end), marks.get(start, end));
    }

    /** Returns a string that was computed from this one. */
    Text derived(String result) {
        return marks.isEmpty() ? of(result) : written(result);
    }

    Text plus(Text other) {
        return new TextBuilder().append(this).append(other).build();
    }

    /** Returns the code point at an index of code points. */
    Text codePoint(int index) {
        int start = value.offsetByCodePoints(0, index);
        return substring(start, value.offsetByCodePoints(start, 1));
    }

    /** Returns this string with every code point mapped; the first, and each after a boundary, by another function. */
    Text mapped(UnaryOperator<String> others, UnaryOperator<String> first, IntPredicate boundary) {
        TextBuilder result = new TextBuilder();
        boolean start = true;
        for (int i = 0; i < value.length();) {
            int point = value.codePointAt(i);
            result.append((start ? first : others).apply(Character.toString(point)), marks.get(i));
            start = boundary.test(point);
            i += Character.charCount(point);
        }
        return result.build();
    }

    /** Returns this string without certain characters at its ends; white space if {@code characters} is empty. */
    Text strip(String characters, boolean left, boolean right) {
        int start = 0;
        int end = value.length();
        while (left && start < end && isStripped(value.charAt(start), characters)) {
            start++;
        }
        while (right && end > start && isStripped(value.charAt(end - 1), characters)) {
            end--;
        }
        return substring(start, end);
    }

    private static boolean isStripped(char c, String characters) {
        return characters.isEmpty() ? isSpace(c) : characters.indexOf(c) >= 0;
    }

    /** White space as Python's str.isspace sees it. */
    static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    Text replace(Text old, Text replacement, long most) {
        TextBuilder result = new TextBuilder();
        int from = 0;
        long count = 0;
        for (int at = 0; at <= value.length() && count != most; count++) {
            at = value.indexOf(old.value, at);
            if (at < 0) {
                break;
            }
            result.append(substring(from, at)).append(replacement);
            from = at + old.value.length();
            at = Math.max(from, at + 1);
            if (old.isEmpty() && from < value.length()) {
                result.append(substring(from, from + 1));
                from++;
            }
        }
        return from > value.length() ? result.build() : result.append(substring(from, value.length())).build();
    }

    @Override
    public int compareTo(Text other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && text.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
