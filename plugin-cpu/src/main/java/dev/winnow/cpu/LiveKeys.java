package dev.winnow.cpu;

/** Walks over the runs of set bits of a mask word: neighbouring keys that are kept. */
final class LiveKeys {

    private LiveKeys() {}

    /** Returns the first key from {@code key} on whose bit is set; 64 if there is none. */
    static int next(long live, int key) {
        return key >= Long.SIZE ? Long.SIZE : Long.numberOfTrailingZeros(live & -1L << key);
    }

    /** Returns the first key from {@code key} on whose bit is not set; 64 if there is none. */
    static int endOfRun(long live, int key) {
        return next(~live, key);
    }
}
