package dev.winnow.launcher.chat;

/** Messages of several lines: a backslash at the end of a line means that the next one belongs to it. */
final class Continuation {

    private Continuation() {}

    /** Returns whether the last line of a text goes on. */
    static boolean isOpen(String text) {
        return text.endsWith("\\");
    }

    /** Removes the backslashes at line breaks and at the end. */
    static String join(String text) {
        String joined = text.replace("\\\n", "\n");
        return isOpen(joined) ? joined.substring(0, joined.length() - 1) : joined;
    }
}
