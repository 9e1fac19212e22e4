package dev.winnow.spi;

/** When a refiner runs: all positional refiners before all content refiners, so that nothing is scored that a position has already excluded. */
public enum RefinerPhase {
    /** Decides from positions alone. */
    POSITIONAL,
    /** Decides from queries and keys. */
    CONTENT
}
