package dev.winnow.spi;

/** A prepared weight matrix: y = W x. Thread-safe; concurrent calls use different worker numbers. */
public interface Linear {

    /** Returns the number of outputs. */
    int rows();

    /** Returns the number of inputs. */
    int columns();

    /** Returns the number of rows that the kernel for a number of tokens likes to have together: bands of rows that are multiples of it cost least. */
    int rowBlock(int tokens);

    /**
     * Computes {@code out[outOffset + token · outStride + row] = Σ_c x[token][c] · W[row][c]} for the rows {@code fromRow … toRow−1} and every sealed token.
     *
     * @param worker number of the calling worker
     * @param x      sealed activations of {@link LinearBackend#newActivations}, of the backend that prepared this matrix
     * @throws IllegalArgumentException  if the activations are of another backend or have not {@link #columns()} columns
     * @throws IndexOutOfBoundsException if the matrix has no such rows, or {@code out} is too short
     * @throws IllegalStateException     if the memory of the weights was freed
     */
    void multiply(int worker, Activations x, int fromRow, int toRow, float[] out, int outOffset, int outStride);
}
