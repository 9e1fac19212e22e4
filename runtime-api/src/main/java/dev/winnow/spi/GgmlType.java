package dev.winnow.spi;

import java.lang.foreign.MemorySegment;

/** Storage formats of tensors, as in ggml. */
public enum GgmlType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q2_K(10, 256, 84),
    Q3_K(11, 256,
            110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    IQ4_NL(20, 32, 18),
    IQ4_XS(23, 256, 136),
    BF16(30, 1, 2),
    MXFP4(39, 32, 17);

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    GgmlType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /**
     * Decodes elements exactly as ggml does, bit for bit.
     *
     * @param source       holds the blocks
     * @param byteOffset   offset of the first block, of any alignment
     * @param elements     number of elements; a multiple of the block size
     * @param target       receives the values
     * @param targetOffset index of the first value
     */
    public void dequantize(MemorySegment source, long byteOffset, int elements, float[] target, int targetOffset) {
        BlockDecoder.decode(this, source, byteOffset, elements, target, targetOffset);
    }

    /** Returns the number that stands for the type in a GGUF file. */
    public int id() {
        return id;
    }

    /** Returns the number of elements in a block. */
    public int blockSize() {
        return blockSize;
    }

    /** Returns the number of bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Returns the number of bytes of {@code elements} elements, a multiple of the block size. */
    public long byteSize(long elements) {
        return elements / blockSize * blockBytes;
    }
}
