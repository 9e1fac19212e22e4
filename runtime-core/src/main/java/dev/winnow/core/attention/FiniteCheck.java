package dev.winnow.core.attention;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.KeyValues;

/** Finds out whether backends have returned numbers. NaN would spread over the whole text without any other sign than nonsense. */
public final class FiniteCheck {

    /** Bits of +∞; larger ones, without the sign, are NaN. */
    private static final int INFINITY = 0x7F80_0000;

    private FiniteCheck() {}

    /** Returns whether all outputs and denominators are finite. */
    static boolean isFinite(AttentionAccumulator sums) {
        return isFinite(sums.values(), 0, sums.rows() * sums.valueDim()) && isFinite(sums.sum(), 0, sums.rows());
    }

    /** Returns whether {@code count} numbers are finite. The largest bit pattern is a plain integer maximum, which C2 computes with vectors. */
    public static boolean isFinite(float[] values, int from, int count) {
        return largestBits(values, from, count) < INFINITY;
    }

    private static int largestBits(float[] values, int from, int count) {
        int largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
        }
        return largest;
    }

    /**
     * Fails with a sentence that names the backend, if it was given numbers; otherwise the fault lies before it and shows in the logits.
     *
     * @param label what to call the backend
     */
    static void blame(CoreTile tile, String label) {
        int keyDim = tile.keyValues().keyDim();
        for (int head = 0; head < tile.headCount(); head++) {
            for (int query = 0; query < tile.positionCount(); query++) {
                if (!isFinite(tile.queries(), tile.queryOffset(head, query), keyDim)) {
                    return;
                }
            }
        }
        KeyValues keyValues = tile.keyValues();
        float[] vector = new float[Math.max(keyDim, keyValues.valueDim())];
        for (int key = keyValues.firstPage() * KeyValues.PAGE_KEYS; key < keyValues.keyCount(); key++) {
            keyValues.copyKey(key, vector, 0);
            boolean finite = isFinite(vector, 0, keyDim);
            keyValues.copyValue(key, vector, 0);
            if (!finite || !isFinite(vector, 0, keyValues.valueDim())) {
                return;
            }
        }
        throw new WinnowException(WinnowException.Kind.PLUGIN, "The " + label + " returned NaN or an infinite number in layer "
                + tile.layer().index() + ", although queries, keys and values are finite; choose another one with --attention-backend.");
    }
}
