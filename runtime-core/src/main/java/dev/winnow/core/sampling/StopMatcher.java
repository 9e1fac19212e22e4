package dev.winnow.core.sampling;

import java.util.List;

/**
 * Finds stop strings in a text that arrives in pieces, and holds back the end of the text while it could still become one. The result does not depend on how
 * the text is cut into pieces: the stop string that ends first wins, and the longest of those that end together. Not thread-safe.
 */
public final class StopMatcher {

    private final List<String> stopStrings;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /**
     * Creates a matcher.
     *
     * @param stopStrings the strings to find; possibly none; empty ones are ignored
     */
    public StopMatcher(List<String> stopStrings) {
        this.stopStrings = stopStrings.stream().filter(stop -> !stop.isEmpty()).toList();
    }

    /**
     * Adds a piece of text.
     *
     * @return the text that has become final: it is before every stop string, and no stop string can begin in it; empty after a match
     */
    public String push(String piece) {
        for (int i = 0; i < piece.length() && !stopped; i++) {
            held.append(piece.charAt(i));
            int length = lengthOfMatch();
            if (length > 0) {
                stopped = true;
                held.setLength(held.length() - length);
            }
        }
        return release(stopped ? held.length() : held.length() - lengthOfPossiblePrefix());
    }

    /** Returns whether a stop string was found. */
    public boolean stopped() {
        return stopped;
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
