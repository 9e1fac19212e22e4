package dev.winnow.core.sampling;

import java.util.List;

/** Finds stop strings in text that arrives in pieces, and holds back what may be the beginning of one. Not thread-safe. */
public final class StopMatcher {

    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** Creates a matcher; empty strings are ignored. */
    public StopMatcher(List<String> stops) {
        this.stops = stops.stream().filter(stop -> !stop.isEmpty()).toList();
    }

    /** Adds text and returns what is certainly before any stop string. */
    public String push(String piece) {
        if (stopped) {
            return "";
        }
        held.append(piece);
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        if (first >= 0) {
            stopped = true;
            held.setLength(first);
        }
        return release(stopped ? held.length() : held.length() - longestBeginning());
    }

    /** Length of the longest end of the held text that begins a stop string. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private String release(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** Returns whether a stop string was found. */
    public boolean stopped() {
        return stopped;
    }

    /** Ends the text and returns what was held back. */
    public String finish() {
        return release(held.length());
    }
}
