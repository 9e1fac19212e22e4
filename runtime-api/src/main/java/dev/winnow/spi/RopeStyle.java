package dev.winnow.spi;

/** Which dimensions of a head are rotated together. */
public enum RopeStyle {
    /** Neighbours: dimensions 2i and 2i+1 (llama). */
    NORM,
    /** Halves: dimensions i and i + rotated/2 (Gemma, Qwen, Phi). */
    NEOX
}
