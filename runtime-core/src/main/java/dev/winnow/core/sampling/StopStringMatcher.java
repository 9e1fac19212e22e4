package dev.winnow.core.sampling;

import dev.winnow.api.WinnowException;
import java.util.List;

/**
 * Finds stop strings in a text that arrives in pieces, and holds back the end of the text while it could still become one. The result does not depend on how
 * the text is cut into pieces: the stop string that ends first wins, and the longest of those that end together. Not thread-safe.
 */
public final class StopStringMatcher {

    private final List<String> stopStrings;
    private final StringBuilder held = new StringBuilder();
    private boolean matched;

    /**
     * Creates a matcher.
     *
     * @param stopStrings the strings to find; possibly none
     * @throws WinnowException if one is empty
     */
    public StopStringMatcher(List<String> stopStrings) {
        this.stopStrings = List.copyOf(stopStrings);
        if (this.stopStrings.contains("")) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "A stop string is empty and would end every generation before it begins; leave it out.");
        }
    }

    /**
     * Adds a piece of text.
     *
     * @return the text that has become final: it is before every stop string, and no stop string can begin in it; empty after a match
     */
    public String append(String piece) {
        for (int i = 0; i < piece.length() && !matched; i++) {
            held.append(piece.charAt(i));
            int length = lengthOfMatch();
            if (length > 0) {
                matched = true;
                held.setLength(held.length() - length);
            }
        }
        return release(matched ? held.length() : held.length() - lengthOfPossiblePrefix());
    }

    /** Returns whether a stop string was found. */
    public boolean isMatched() {
        return matched;
    }

    /** Ends the text: returns what was held back. */
    public String finish() {
        return release(held.length());
    }

    private String release(int length) {
        String released = held.substring(0, length);
        held.delete(0, length);
        return released;
    }

    private int lengthOfMatch() {
        int longest = 0;
        for (String stop : stopStrings) {
            if (stop.length() > longest && endsWith(stop, stop.length())) {
                longest = stop.length();
            }
        }
        return longest;
    }

    private int lengthOfPossiblePrefix() {
        int longest = 0;
        for (String stop : stopStrings) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (endsWith(stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean endsWith(String stop, int length) {
        int start = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (start < 0 || held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
