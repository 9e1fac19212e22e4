package dev.winnow.cpu;

import dev.winnow.cpu.kernel.OnlineSoftmax;
import dev.winnow.cpu.kernel.RowTiles;
import dev.winnow.cpu.kernel.SumKernel;
import dev.winnow.cpu.kernel.VectorMath;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.util.Arrays;

/**
 * The memory of one worker of the attention backend, and the state of the rows of the tile at hand. Grows to the largest tile that it has seen and is never
 * freed.
 *
 * <p>The row of (head, query) is {@code head · rowsPerHead + query}. There are {@code rows} of them, rounded up to whole {@link RowTiles}, of which those
 * without a query have a query of zeros. Scores and maxima are in units of log2: the factor log2 e is part of what the queries are multiplied by.
 */
final class AttentionScratch {

    static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private static final int LANES = VectorSupport.LANES;

    /** Kernels read whole vectors, up to four, behind the last element that they need. */
    private static final int SLACK = 4 * LANES;

    private static final double LN_2 = Math.log(2);

    int heads;
    int queries;
    int rowsPerHead;
    int rows;
    int keyDim;
    int valueDim;
    int valueStride; // valueDim rounded up to whole vectors

    /** Soft-cap in units of log2; 0 for none. */
    float softcap;

    float[] scaledQueries = new float[0]; // [rows][keyDim], interleaved in tiles
    float[] outputs = new float[0]; // [rows][valueStride]
    float[] max = new float[0]; // [rows]
    float[] sums = new float[0]; // [rows][LANES], the denominator is the sum over the lanes
    float[] scores = new float[0]; // [rows of one head][64], then the weights in its place
    float[] blockMax = new float[0]; // [rows], largest score in the block at hand
    long[] words = new long[0]; // [rows], mask words of the block at hand
    float[] keys = new float[0]; // [4 groups][keyDim][16], one block converted to F32
    float[] values = new float[0]; // [64][valueDim]
    float[] keyScales = new float[0]; // the scales of a Q8_0 page in its order
    float[] valueScales = new float[0];
    float[] group = new float[0]; // [keyDim][16], one group on its way into a gathered block

    /** Makes room for a tile. */
    void prepare(AttentionTile tile, int rowsPerHead) {
        LayerSpec.Attention attention = tile.layer().attention();
        heads = tile.headCount();
        queries = tile.positionCount();
        this.rowsPerHead = rowsPerHead;
        rows = roundUp(heads * rowsPerHead, RowTiles.FEW);
        keyDim = tile.keyValues().keyDim();
        valueDim = tile.keyValues().valueDim();
        valueStride = roundUp(valueDim, LANES);
        softcap = (float) (attention.softcap() / LN_2);
        scaledQueries = grown(scaledQueries, rows * keyDim);
        outputs = grown(outputs, rows * valueStride);
        max = grown(max, rows);
        sums = grown(sums, rows * LANES);
        scores = grown(scores, Math.max(rowsPerHead, RowTiles.FEW) * BLOCK);
        blockMax = grown(blockMax, rows);
        keys = grown(keys, BLOCK * keyDim);
        values = grown(values, BLOCK * valueDim);
        keyScales = grown(keyScales, BLOCK * KeyValues.scaleGroups(keyDim));
        valueScales = grown(valueScales, BLOCK * KeyValues.scaleGroups(valueDim));
        group = grown(group, KeyValues.GROUP_KEYS * keyDim);
        if (words.length < rows) {
            words = new long[rows];
        }
    }

    /** Returns the array, or a longer one if it is too short; the content is lost then. */
    static float[] grown(float[] array, int length) {
        return array.length >= length + SLACK ? array : new float[length + SLACK];
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /**
     * Copies the queries, multiplied by everything that a score is multiplied by, and by {@code factor}, and interleaves them in {@link RowTiles}.
     *
     * @param span     rows after which tiles begin anew
     * @param tileRows rows of a tile that is not the last of a span
     */
    void loadQueries(AttentionTile tile, float factor, int span, int tileRows) {
        float scale = (float) (tile.layer().attention().scale() / LN_2) * factor;
        Arrays.fill(scaledQueries, 0, rows * keyDim, 0);
        for (int head = 0; head < heads; head++) {
            for (int query = 0; query < queries; query++) {
                int row = head * rowsPerHead + query;
                int inSpan = row % span;
                RowTiles.interleave(tile.queries(), tile.queryOffset(head, query), keyDim, scale, scaledQueries, (row - inSpan) * keyDim,
                        inSpan, span, tileRows);
            }
        }
    }

    /** Empties the state of all rows. */
    void clearState() {
        Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, rows * LANES, 0);
        Arrays.fill(outputs, 0, rows * valueStride, 0);
    }

    /** Copies the rows' state to an accumulator, with outputs multiplied by {@code factor}. */
    void storeState(AttentionAccumulator target, float factor) {
        for (int head = 0; head < heads; head++) {
            for (int query = 0; query < queries; query++) {
                int from = head * rowsPerHead + query;
                int to = head * queries + query;
                target.max()[to] = (float) (max[from] * LN_2);
                // Lane by lane: C2 does not always inline VectorSupport.sumLanes here, and then its vector is allocated.
                float sum = 0;
                for (int lane = 0; lane < LANES; lane++) {
                    sum += sums[from * LANES + lane];
                }
                target.sum()[to] = sum;
                for (int c = 0; c < valueDim; c++) {
                    target.values()[to * valueDim + c] = outputs[from * valueStride + c] * factor;
                }
            }
        }
    }

    /**
     * Masks the scores of rows and finds their largest: {@code blockMax[row …]}.
     *
     * @param words  mask words of the rows at {@code wordAt}
     * @param masked whether the words say anything: without, every row keeps all keys
     * @return whether no row has a score that is NaN or comes within {@code skipBelow}, a negative number, of its largest so far
     */
    boolean findMaxima(int firstRow, int count, long[] words, int wordAt, boolean masked, float skipBelow) {
        boolean negligible = true;
        for (int row = 0; row < count; row++) {
            if (masked) {
                OnlineSoftmax.mask(scores, row * BLOCK, words[wordAt + row]);
            }
            float top = OnlineSoftmax.max(scores, row * BLOCK);
            blockMax[firstRow + row] = top;
            negligible &= top < max[firstRow + row] + skipBelow && !OnlineSoftmax.hasNaN(scores, row * BLOCK);
        }
        return negligible;
    }

    /** Turns the scores of rows into weights, after {@link #findMaxima}, and makes the rows' sums and outputs relative to the new maxima. */
    void weigh(int firstRow, int count) {
        for (int row = firstRow; row < firstRow + count; row++) {
            int at = (row - firstRow) * BLOCK;
            float before = max[row];
            float top = blockMax[row];
            if (top > before) {
                max[row] = top;
                if (before != Float.NEGATIVE_INFINITY) {
                    float factor = VectorMath.exp2OrZero(before - top);
                    SumKernel.scale(sums, row * LANES, LANES, factor);
                    SumKernel.scale(outputs, row * valueStride, valueStride, factor);
                }
            }
            if (max[row] > Float.NEGATIVE_INFINITY) {
                OnlineSoftmax.weigh(scores, at, max[row], sums, row * LANES);
            } else {
                weighWithoutMaximum(row, at);
            }
        }
    }

    /** The row has kept no key so far, or one whose score is NaN, which makes all of the row NaN, as the definition does, and stays in its maximum. */
    private void weighWithoutMaximum(int row, int at) {
        boolean nan = Float.isNaN(max[row]) || OnlineSoftmax.hasNaN(scores, at);
        if (nan) {
            max[row] = Float.NaN;
            sums[row * LANES] = Float.NaN;
        }
        Arrays.fill(scores, at, at + BLOCK, nan ? Float.NaN : 0);
    }
}
