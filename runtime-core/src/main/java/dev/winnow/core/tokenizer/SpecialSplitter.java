package dev.winnow.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Finds special tokens in a text as llama.cpp does: the longest names first, each from left to right through what the longer ones have left. User-defined tokens
 * are always found, control tokens only if they are to be parsed, and tokens that shape the dialogue never where they touch the message of a user.
 *
 * <p>llama.cpp searches the text once for each of up to thousands of names. Here one pass finds the longest name at each position, and a heap brings the
 * candidates into the same order; where a longer name has taken a part of a candidate, the next shorter name at its position is tried.
 */
final class SpecialSplitter {

    /** A special token in a text; {@code end} is after the white space that belongs to it. */
    record Found(int token, int start, int end) {}

    /** A special token with its place in the order of search. */
    private record Special(String name, int token, int rank) {}

    private final Vocabulary vocabulary;
    private final List<Special> byRank;
    private final List<Special> byName;
    private final BitSet firstCharacters = new BitSet();

    SpecialSplitter(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        Comparator<Integer> longestFirst = Comparator
                .comparingInt((Integer token) -> vocabulary.text(token).getBytes(StandardCharsets.UTF_8).length).reversed();
        byRank = new ArrayList<>();
        vocabulary.marked(TokenMark.CONTROL | TokenMark.USER_DEFINED | TokenMark.UNKNOWN).stream().boxed().sorted(longestFirst)
                .forEach(token -> byRank.add(new Special(vocabulary.text(token), token, byRank.size())));
        byName = byRank.stream().filter(special -> vocabulary.find(special.name) == special.token)
                .sorted(Comparator.comparing(Special::name))
                .toList(); // of tokens with the same text only the first can be found
        byName.forEach(special -> firstCharacters.set(special.name.charAt(0)));
    }

    /**
     * Returns the special tokens of a text by their position.
     *
     * @param messages the characters that users wrote
     */
    List<Found> find(String text, boolean parseSpecial, BitSet messages) {
        LongHeap candidates = new LongHeap(); // rank and position
        for (int at = 0; at < text.length(); at++) {
            if (firstCharacters.get(text.charAt(at))) {
                offer(candidates, text, at, text.length(), parseSpecial, messages);
            }
        }
        List<Found> found = new ArrayList<>();
        BitSet taken = new BitSet();
        while (!candidates.isEmpty()) {
            long best = candidates.poll();
            Special special = byRank.get((int) (best >>> Integer.SIZE));
            int start = (int) best;
            int end = start + special.name.length();
            int limit = taken.nextSetBit(start);
            if (limit < 0 || limit >= end) {
                while (vocabulary.stripsRight(special.token) && end < text.length() && !taken.get(end) && isSpace(text.charAt(end))) {
                    end++;
                }
                taken.set(start, end);
                found.add(new Found(special.token, start, end));
            } else if (limit > start) {
                offer(candidates, text, start, limit, parseSpecial, messages);
            }
        }
        found.sort(Comparator.comparingInt(Found::start));
        return found;
    }

    /** Adds the longest name that begins at a position and ends at the limit or before it. */
    private void offer(LongHeap candidates, String text, int at, int limit, boolean parseSpecial, BitSet messages) {
        int low = 0; // byName[low, high) begin with text[at, at + length)
        int high = byName.size();
        Special longest = null;
        for (int length = 1; at + length <= limit; length++) {
            char next = text.charAt(at + length - 1);
            low = firstNotBelow(low, high, length - 1, next);
            high = firstNotBelow(low, high, length - 1, next + 1);
            if (low == high) {
                break;
            }
            Special special = byName.get(low);
            if (special.name.length() == length && isWanted(special.token, at, at + length, parseSpecial, messages)) {
                longest = special;
            }
        }
        if (longest != null) {
            candidates.add((long) longest.rank << Integer.SIZE | at);
        }
    }

    /** Returns the first of the names in a range whose character at an index is not below another; names without that character are below all. */
    private int firstNotBelow(int from, int to, int index, int character) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = low + high >>> 1;
            String name = byName.get(middle).name;
            if (name.length() <= index || name.charAt(index) < character) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isWanted(int token, int start, int end, boolean parseSpecial, BitSet messages) {
        if (!parseSpecial && vocabulary.has(token, TokenMark.CONTROL | TokenMark.UNKNOWN)) {
            return false;
        }
        int message = messages.nextSetBit(start);
        return message < 0 || message >= end || !vocabulary.isStructural(token);
    }

    /** White space as C's isspace sees it. */
    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
