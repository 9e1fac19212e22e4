package dev.winnow.spi;

/**
 * The input of matrix products: up to {@code maxTokens} vectors, row-major and contiguous: {@code values[token · columns + column]}. The runtime writes
 * {@link #values()} and then calls {@link #seal}, where a backend may derive what its kernels need (sums of blocks, quantised copies). Written by one or
 * several threads, sealed by one, then read by all workers.
 */
public abstract class Activations {

    private final float[] values; // [maxTokens][columns]
    private final int columns;
    private int tokens;

    /** Allocates memory for {@code maxTokens} vectors of {@code columns} elements. */
    protected Activations(int maxTokens, int columns) {
        this.values = new float[Math.multiplyExact(maxTokens, columns)];
        this.columns = columns;
    }

    /** Returns the elements: [maxTokens][columns]. */
    public final float[] values() {
        return values;
    }

    /** Returns the length of a vector. */
    public final int columns() {
        return columns;
    }

    /** Returns the number of vectors, set by {@link #seal}. */
    public final int tokens() {
        return tokens;
    }

    /**
     * Declares the first {@code tokens} vectors complete.
     *
     * @param tokens 0 to {@code maxTokens}
     */
    public final void seal(int tokens) {
        this.tokens = tokens;
        derive();
    }

    /** Computes what the backend derives from the values of the first {@link #tokens()} vectors. Allocates nothing. */
    protected abstract void derive();
}
