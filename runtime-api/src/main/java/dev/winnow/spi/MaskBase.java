package dev.winnow.spi;

/** Which keys a query may look at before any refiner runs, from positions alone. */
public enum MaskBase {
    /** Every key at or before the query's position. */
    CAUSAL,
    /** Every key; the query's own key is among them. */
    BIDIRECTIONAL,
    /** Every key; keys and queries belong to different sequences, so no key is the query's own. */
    CROSS
}
