package dev.winnow.core.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Cuts special tokens out of a text: the longest names first, each through what the longer ones have left. User-defined tokens are always cut out, control
 * tokens only if they are to be parsed.
 */
final class SpecialSplitter {

    /** A part of the text, or a token if {@code token} is not negative. */
    record Fragment(String text, int token) {}

    private final Vocabulary vocabulary;

    SpecialSplitter(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    List<Fragment> split(String text, boolean parseSpecial) {
        List<Fragment> fragments = List.of(new Fragment(text, -1));
        BitSet beginnings = beginnings(text);
        for (int token : vocabulary.specials()) {
            String name = vocabulary.text(token);
            boolean wanted = parseSpecial || vocabulary.isUserDefined(token);
            // Thousands of unused tokens are the rule: most are ruled out by their first two characters.
            if (wanted && beginnings.get(beginning(name, 0)) && text.contains(name)) {
                fragments = split(fragments, name, token);
            }
        }
        return fragments;
    }

    private static BitSet beginnings(String text) {
        BitSet set = new BitSet(1 << 16);
        for (int i = 0; i < text.length(); i++) {
            set.set(text.charAt(i) & 0xFF);
            set.set(beginning(text, i));
        }
        return set;
    }

    private static int beginning(String text, int at) {
        int first = text.charAt(at) & 0xFF;
        return at + 1 < text.length() ? first | (text.charAt(at + 1) & 0xFF) << 8 : first;
    }

    private List<Fragment> split(List<Fragment> fragments, String name, int token) {
        List<Fragment> result = new ArrayList<>();
        for (Fragment fragment : fragments) {
            if (fragment.token() >= 0) {
                result.add(fragment);
                continue;
            }
            String text = fragment.text();
            int from = 0;
            int at;
            while ((at = text.indexOf(name, from)) >= 0) {
                if (at > from) {
                    result.add(new Fragment(text.substring(from, at), -1));
                }
                result.add(new Fragment(name, token));
                from = at + name.length();
                while (vocabulary.stripsRight(token) && from < text.length() && isSpace(text.charAt(from))) {
                    from++;
                }
            }
            if (from < text.length()) {
                result.add(new Fragment(text.substring(from), -1));
            }
        }
        return result;
    }

    /** White space as C's isspace sees it. */
    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
