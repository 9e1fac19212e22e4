package dev.winnow.spi;

import java.lang.foreign.MemorySegment;

/** Decodes one block of a {@link GgmlType} with the same float operations in the same order as ggml, so that every value is bit-identical. */
@FunctionalInterface
interface BlockDecoder {

    /**
     * Writes the elements of the block that starts at a byte of {@code source}.
     *
     * @param source any segment; the block may be unaligned
     * @param offset position of the block's first byte
     * @param target receives {@link GgmlType#blockSize()} elements
     * @param start  index of the first of them
     */
    void decode(MemorySegment source, long offset, float[] target, int start);
}
