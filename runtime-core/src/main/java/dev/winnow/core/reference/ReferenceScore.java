package dev.winnow.core.reference;

import dev.winnow.spi.LayerSpec;

/** The score of a query and a key in double precision: what the softmax is taken of. */
public final class ReferenceScore {

    private ReferenceScore() {}

    /**
     * Returns {@code scale · q·k}, soft-capped to {@code softcap · tanh(score / softcap)} if the layer has a soft cap.
     *
     * @param queries    holds the query, keyDim elements, at {@code queryIndex}
     * @param keys       holds the key at {@code keyIndex}
     */
    public static double of(LayerSpec.Attention attention, float[] queries, int queryIndex, float[] keys, int keyIndex) {
        double sum = 0;
        for (int c = 0; c < attention.keyDim(); c++) {
            sum += (double) queries[queryIndex + c] * keys[keyIndex + c];
        }
        double score = sum * attention.scale();
        return attention.softcap() == 0 ? score : attention.softcap() * Math.tanh(score / attention.softcap());
    }
}
