package dev.winnow.cpu;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;

/**
 * The memory of one worker of the attention backend. Grows to the largest tile that it has seen and is never freed; the shapes below use rows for the query
 * positions of one head, rounded up to a multiple of {@link #ROW_TILE}, and valueStride for the value dimension rounded up to whole vectors.
 */
final class AttentionScratch {

    /** Rows that the matrix kernels compute together. */
    static final int ROW_TILE = 4;

    static final int BLOCK = AttentionMask.BLOCK_KEYS;

    /** Kernels read whole vectors, up to four, behind the last element that they need. */
    private static final int SLACK = 4 * VectorSupport.LANES;

    int heads;
    int queries;
    int rows;
    int keyDim;
    int valueDim;
    int valueStride;

    float[] scaledQueries = new float[0]; // [heads][rows][keyDim]
    float[] outputs = new float[0]; // [heads][rows][valueStride]
    float[] max = new float[0]; // [heads][rows], in units of log2
    float[] sums = new float[0]; // [heads][rows][LANES], the denominator is the sum over the lanes
    float[] scores = new float[0]; // [rows][64], then the weights in its place
    float[] blockMax = new float[AttentionTile.MAX_POSITIONS]; // [rows], largest score in the block at hand
    final long[] words = new long[AttentionTile.MAX_POSITIONS]; // [rows]
    float[] keys = new float[0]; // [4 groups][keyDim][16], one block converted to F32
    float[] values = new float[0]; // [64][valueDim]
    float[] group = new float[0]; // [keyDim][16], one group on its way into a gathered block

    /** Makes room for a tile. */
    void prepare(int heads, int queries, int keyDim, int valueDim) {
        this.heads = heads;
        this.queries = queries;
        this.rows = (queries + ROW_TILE - 1) / ROW_TILE * ROW_TILE;
        this.keyDim = keyDim;
        this.valueDim = valueDim;
        this.valueStride = (valueDim + VectorSupport.LANES - 1) / VectorSupport.LANES * VectorSupport.LANES;
        scaledQueries = grown(scaledQueries, heads * rows * keyDim);
        outputs = grown(outputs, heads * rows * valueStride);
        max = grown(max, heads * rows);
        sums = grown(sums, heads * rows * VectorSupport.LANES);
        scores = grown(scores, rows * BLOCK);
        keys = grown(keys, BLOCK * keyDim);
        values = grown(values, BLOCK * valueDim);
        group = grown(group, KeyValues.GROUP_KEYS * keyDim);
    }

    /** Returns the array, or a longer one if it is too short; the content is lost then. */
    static float[] grown(float[] array, int length) {
        return array.length >= length + SLACK ? array : new float[length + SLACK];
    }
}
