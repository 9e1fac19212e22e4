package dev.winnow.spi;

/** Arguments of {@link AttentionMask#reset}. */
record MaskShape(MaskBase base, int heads, int firstPosition, int queries, int firstKey, int keys) {

    int blocks() {
        return (keys + 63) / 64;
    }

    void reset(AttentionMask mask) {
        mask.reset(base, heads, firstPosition, queries, firstKey, keys);
    }
}
