package dev.winnow.spi.contract;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;

/** Masked attention, written from its definition in double precision, one row after the other. The measure of every backend; thread-safe. */
public final class NaiveAttention {

    private NaiveAttention() {}

    /**
     * Returns softmax(QKᵀ)V over the keys that the mask keeps: [head · positionCount + query][valueDim]; zeros for a row that keeps no key.
     *
     * @param sinks for each head of the tile a logit that joins the softmax denominator without a value; empty for none
     */
    public static double[][] attend(AttentionTile tile, AttentionMask mask, float... sinks) {
        KeyValues keyValues = tile.keyValues();
        int keyCount = keyValues.keyCount();
        float[][] keys = new float[keyCount][keyValues.keyDim()];
        float[][] values = new float[keyCount][keyValues.valueDim()];
        for (int key = keyValues.firstPage() * KeyValues.PAGE_KEYS; key < keyCount; key++) {
            keyValues.copyKey(key, keys[key], 0);
            keyValues.copyValue(key, values[key], 0);
        }
        double[][] output = new double[tile.headCount() * tile.positionCount()][keyValues.valueDim()];
        for (int head = 0; head < tile.headCount(); head++) {
            double sink = sinks.length == 0 ? Double.NEGATIVE_INFINITY : sinks[head];
            for (int query = 0; query < tile.positionCount(); query++) {
                attendRow(tile, mask, head, query, keys, values, sink, output[head * tile.positionCount() + query]);
            }
        }
        return output;
    }

    private static void attendRow(AttentionTile tile, AttentionMask mask, int head, int query, float[][] keys, float[][] values,
            double sink,
            double[] output) {
        double[] scores = new double[keys.length];
        double max = sink;
        for (int key = 0; key < keys.length; key++) {
            if (mask.keeps(head, query, key)) {
                scores[key] = score(tile.layer().attention(), tile.queries(), tile.queryOffset(head, query), keys[key]);
                max = Math.max(max, scores[key]);
            }
        }
        double denominator = sink == Double.NEGATIVE_INFINITY ? 0 : Math.exp(sink - max);
        for (int key = 0; key < keys.length; key++) {
            if (mask.keeps(head, query, key)) {
                double weight = Math.exp(scores[key] - max);
                denominator += weight;
                for (int c = 0; c < output.length; c++) {
                    output[c] += weight * values[key][c];
                }
            }
        }
        for (int c = 0; c < output.length && denominator > 0; c++) {
            output[c] /= denominator;
        }
    }

    private static double score(LayerSpec.Attention attention, float[] queries, int offset, float[] key) {
        double product = 0;
        for (int c = 0; c < key.length; c++) {
            product += (double) queries[offset + c] * key[c];
        }
        double score = product * attention.scale();
        return attention.softcap() == 0 ? score : attention.softcap() * Math.tanh(score / attention.softcap());
    }
}
