package dev.winnow.core.gguf;

import dev.winnow.spi.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of a model file.
 *
 * @param name     name, for example {@code blk.0.attn_q.weight}
 * @param type     storage format; empty if Winnow cannot compute with it
 * @param typeName ggml's name of the storage format
 * @param shape    sizes; dimension 0 is contiguous in memory
 * @param data     the bytes, a part of the mapped file; valid until the file is closed
 */
public record GgufTensor(String name, Optional<GgmlType> type, String typeName, List<Long> shape, MemorySegment data) {

    /** Copies the shape. */
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /** Returns the number of elements. */
    public long elements() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** Returns the number of bytes. */
    public long byteSize() {
        return data.byteSize();
    }
}
