package dev.winnow.spi;

import java.lang.foreign.MemorySegment;

/**
 * A weight matrix as it is stored in the model file: row after row, each row {@link GgmlType#byteSize(long) byteSize(columns)} bytes.
 *
 * @param name    name of the tensor, for messages
 * @param type    storage format
 * @param rows    number of outputs
 * @param columns number of inputs; a multiple of the type's block size
 * @param data    the bytes, valid as long as the model is open; usually a part of the mapped file
 */
public record WeightMatrix(String name, GgmlType type, int rows, int columns, MemorySegment data) {

    /** Returns the number of bytes of one row. */
    public long rowBytes() {
        return type.byteSize(columns);
    }
}
