package dev.winnow.core.eval;

import java.util.Locale;

/** Sizes as llama-bench writes them. */
final class Units {

    private static final double MEBI = 1 << 20;
    private static final double GIBI = 1 << 30;

    private Units() {}

    /** Returns bytes in MiB, or GiB from one on. */
    static String bytes(long bytes) {
        return bytes < GIBI ? number(bytes / MEBI) + " MiB" : number(bytes / GIBI) + " GiB";
    }

    /** Returns a number of weights in millions, or billions from one on. */
    static String parameters(long parameters) {
        return parameters < 1e9 ? number(parameters / 1e6) + " M" : number(parameters / 1e9) + " B";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
