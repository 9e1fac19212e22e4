package dev.winnow.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Multiplies rows with one activation vector, row after row, while the weights stream through: for the generation of a token, where every weight is used once.
 * One row at a time keeps the memory's prefetchers on a single stream.
 */
@FunctionalInterface
interface RowKernel {

    /**
     * Computes {@code out[outOffset + r] = Σ_c W[r][c] · x[c]} for {@code rows} rows.
     *
     * @param weights  the matrix
     * @param offset   byte position of the first row
     * @param rowBytes bytes from one row to the next
     * @param columns  number of columns that the order of the activations fits
     * @param x        activations in the kernel's order
     * @param xOffset  byte position of the first of them
     * @param scratch  memory of the calling worker: {@link LinearScratch#ROW_BYTES} bytes
     */
    void multiply(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            MemorySegment scratch, float[] out, int outOffset);
}
