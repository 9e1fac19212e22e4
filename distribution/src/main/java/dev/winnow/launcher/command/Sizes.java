package dev.winnow.launcher.command;

import java.util.Locale;

/** Numbers as people read them. */
final class Sizes {

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private Sizes() {}

    /** Returns a number of bytes in the largest unit of which there is at least one. */
    static String bytes(long bytes) {
        if (bytes >= GIB) {
            return String.format(Locale.ROOT, "%.2f GiB", (double) bytes / GIB);
        }
        if (bytes >= MIB) {
            return String.format(Locale.ROOT, "%.2f MiB", (double) bytes / MIB);
        }
        return bytes >= KIB ? String.format(Locale.ROOT, "%.2f KiB", (double) bytes / KIB) : bytes + " B";
    }
}
