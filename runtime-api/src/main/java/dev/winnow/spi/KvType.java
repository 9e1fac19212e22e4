package dev.winnow.spi;

/** Storage format of cached keys and values; see {@link KeyValues} for the layout of a page. */
public enum KvType {
    /** 4 bytes an element. */
    F32,
    /** 2 bytes an element, rounded to nearest even; the default. */
    F16,
    /** One byte an element and one F16 scale for each group of up to 32 dimensions of a key or value. */
    Q8_0
}
