package dev.winnow.core.gguf;

import java.util.List;

/** Checked arithmetic on tensor shapes. */
final class TensorShapes {

    private TensorShapes() {}

    /**
     * Returns the bytes of a tensor.
     *
     * @throws IllegalArgumentException when a dimension is negative, a product overflows or a row is not made of whole blocks; the message continues "the tensor X "
     */
    static long byteSize(TensorFormat format, List<Long> shape) {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("has the negative dimension " + dimension);
            }
            elements = multiply(elements, dimension, shape);
        }
        long row = shape.isEmpty() ? 1 : shape.getFirst();
        if (row % format.blockSize() != 0) {
            throw new IllegalArgumentException("has rows of " + row + " elements, which is not a multiple of the " + format.blockSize()
                    + " elements of a " + format.name()
                    + " block");
        }
        return multiply(elements / format.blockSize(), format.blockBytes(), shape);
    }

    private static long multiply(long a, long b, List<Long> shape) {
        long product = a * b;
        if (Math.multiplyHigh(a, b) != 0 || product < 0 || product == Long.MAX_VALUE) {
            throw new IllegalArgumentException("has the shape " + shape + ", which is too large");
        }
        return product;
    }

    /** Rounds up to a multiple of a power of two; both are small enough not to overflow because they are bounded by the size of a file. */
    static long align(long position, long alignment) {
        return (position + alignment - 1) & -alignment;
    }
}
