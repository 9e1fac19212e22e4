package dev.winnow.core.gguf;

import dev.winnow.spi.GgmlType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** A tensor of an open file: its description and a view of its bytes, valid until the file is closed. Immutable and thread-safe. */
public final class GgufTensor {

    private final String name;
    private final TensorFormat format;
    private final List<Long> shape;
    private final MemorySegment data;

    GgufTensor(String name, TensorFormat format, List<Long> shape, MemorySegment data) {
        this.name = name;
        this.format = format;
        this.shape = shape;
        this.data = data;
    }

    /** Returns the name, for example {@code blk.0.attn_q.weight}. */
    public String name() {
        return name;
    }

    /** Returns the storage format, or empty when it is a valid ggml format that Winnow cannot compute with. */
    public Optional<GgmlType> type() {
        return format.supported();
    }

    /** Returns ggml's name of the storage format, for example {@code Q4_K} or {@code TQ1_0}. */
    public String typeName() {
        return format.name();
    }

    /** Returns 0 to 4 dimensions, dimension 0 (contiguous in memory) first. */
    public List<Long> shape() {
        return shape;
    }

    /** Returns the number of elements: the product of the dimensions. */
    public long elements() {
        long product = 1;
        for (long dimension : shape) {
            product *= dimension;
        }
        return product;
    }

    /** Returns the number of bytes of the data, without padding. */
    public long byteSize() {
        return data.byteSize();
    }

    /** Returns the mapped bytes, read-only and without a copy. */
    public MemorySegment data() {
        return data;
    }

    TensorFormat format() {
        return format;
    }
}
