package dev.winnow.cpu;

import dev.winnow.spi.WeightMatrix;

/**
 * Decodes 64 rows of weights into a panel whose rows lie side by side: [k][64]. The kernel then reads whole vectors of neighbouring outputs and broadcasts
 * activations, so that it needs no sum across lanes, and every weight is decoded once for all tokens of a chunk.
 */
final class Panels {

    /** Rows of a panel. */
    static final int ROWS = 64;

    /** Columns of a panel: 64 · 1024 floats are 256 KB, a part of the L2 cache. */
    static final int DEPTH = 1024;

    /** Columns that are decoded and transposed at a time: one block of the k-quants, small enough for the L1 cache. */
    static final int STRIP = 256;

    private Panels() {}

    /** Fills the panel with {@code rows} rows and {@code depth} columns of a matrix; missing rows become zeros. */
    static void fill(WeightMatrix weights, int firstRow, int rows, int firstColumn, int depth, CpuLinear.Scratch memory) {
        for (int strip = 0; strip < depth; strip += STRIP) {
            int width = Math.min(STRIP, depth - strip);
            long offset = weights.type().byteSize(firstColumn + strip);
            for (int row = 0; row < rows; row++) {
                RowDecoder.decode(weights.type(), weights.data(), (firstRow + row) * weights.rowBytes() + offset, width, memory.rows,
                        row * STRIP);
            }
            if (rows < ROWS) {
                java.util.Arrays.fill(memory.rows, rows * STRIP, ROWS * STRIP, 0);
            }
            transpose(memory.rows, memory.panel, strip * ROWS, width);
        }
    }

    /** Tiles of 16 × 16 keep both the lines that are read and those that are written in the L1 cache. */
    private static void transpose(float[] rows, float[] panel, int to, int width) {
        for (int k0 = 0; k0 < width; k0 += 16) {
            int end = Math.min(16, width - k0);
            for (int row0 = 0; row0 < ROWS; row0 += 16) {
                for (int k = 0; k < end; k++) {
                    int source = row0 * STRIP + k0 + k;
                    int target = to + (k0 + k) * ROWS + row0;
                    for (int row = 0; row < 16; row++) {
                        panel[target + row] = rows[source + row * STRIP];
                    }
                }
            }
        }
    }
}
