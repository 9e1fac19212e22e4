package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Multiplies rows with one activation vector, row after row, while the weights stream through: for the generation of a token, where every weight is used once.
 * One row at a time keeps the memory's prefetchers on a single stream.
 */
@FunctionalInterface
public interface RowKernel {

    /** The largest number of rows of a call. */
    int ROWS = 64;

    /** Position of memory behind the sums that a kernel may use as it likes. */
    int SCRATCH = ROWS * VectorSupport.LANES;

    /** Floats of this memory. */
    int SCRATCH_SIZE = 4096;

    /**
     * Computes Σ_c W[r][c] · x[c] for {@code rows} rows, as vectors whose lanes are still to be added ({@link LinearScratch#addLanes}): the reduction would be
     * one thing too many for the compiler to keep in the kernel.
     *
     * @param weights  the matrix
     * @param offset   byte position of the first row
     * @param rowBytes bytes from one row to the next
     * @param rows     number of rows, up to {@value #ROWS}
     * @param columns  number of columns that the order of the activations fits
     * @param x        activations in the kernel's order
     * @param xOffset  byte position of the first of them
     * @param sums     receives the vectors: [rows][LANES]; from {@link #SCRATCH} on there are {@link #SCRATCH_SIZE} floats more. An array, because C2 has less
     *                 to inline for a store into one than into memory, and the last call of these large kernels would not be inlined
     */
    void multiply(MemorySegment weights, long offset, long rowBytes, int rows, int columns, MemorySegment x, long xOffset,
            float[] sums);
}
