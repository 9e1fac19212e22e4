package dev.winnow.spi;

/** What a tile's queries are part of. */
public enum AttentionPhase {
    /** A chunk of a prompt: many query positions. */
    PREFILL,
    /** The generation of one token: a single query position. */
    DECODE
}
