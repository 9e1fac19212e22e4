package dev.winnow.spi;

/** A provider of one of the exclusive kinds: several may be present, and exactly one is used. The presence of a backend may change speed, never output. */
public interface BackendProvider extends Provider {

    /** Returns the rank among the available backends of the kind: the highest is used, a tie is an error. The reference backends have 0. Called once. */
    int priority();

    /** Returns what of the machine the backend uses, for reports, for example {@code vectors of 256 bits}; empty if it does not say. Called only if it is available. */
    default String hardware() {
        return "";
    }
}
