package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Decodes a strip, as many weight rows as a vector has lanes, so that one vector holds one column. The decoders of quantised formats work in three steps over
 * up to {@value #CHUNK} columns:
 * <ol>
 * <li>scalar code copies the quants of each row, 32 bits at a time and still packed, to {@code words[word][row]}, and scales to {@code scales[group][row]};
 * <li>vector code loads a word of all rows at once and makes it words of four unsigned bytes in the order of the elements, with shifts and masks that are
 * the same for every lane;
 * <li>{@link StripScratch#store} makes floats of the bytes.
 * </ol>
 * This transposes without a shuffle, at any width. The first step is far enough ahead of the second for its stores to have left the store buffer, from which
 * a vector cannot be loaded while it is still in pieces.
 */
@FunctionalInterface
public interface StripDecoder {

    /** Columns that are transposed at a time. */
    int CHUNK = 256;

    /**
     * Decodes a strip.
     *
     * @param weights  the matrix
     * @param offset   byte position of the first block that is wanted of the first row
     * @param rowBytes bytes from one row to the next
     * @param lastRow  number of the strip's last row that exists, from 0; the lanes above repeat it
     * @param columns  number of columns, a multiple of the block size
     * @param panel    receives vectors of neighbouring rows
     * @param target   byte position of the first of them; that of the next column is {@link Panel#COLUMN_BYTES} further
     * @param scratch  memory of the calling worker
     */
    void decode(MemorySegment weights, long offset, long rowBytes, int lastRow, int columns, MemorySegment panel, long target,
            StripScratch scratch);
}
