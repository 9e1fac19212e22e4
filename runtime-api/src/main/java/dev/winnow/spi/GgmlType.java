package dev.winnow.spi;

import java.lang.foreign.MemorySegment;

/** Storage formats of tensors, as in ggml. Elements come in blocks, which are decoded independently of each other. */
public enum GgmlType {
    /** IEEE 754 binary32. */
    F32(0, 1, 4, PlainFormats::f32),
    /** IEEE 754 binary16. */
    F16(1, 1, 2, PlainFormats::f16),
    /** 4 bits and a scale for 32 elements. */
    Q4_0(2, 32, 18, BlockFormats::q4_0),
    /** 4 bits, a scale and a minimum for 32 elements. */
    Q4_1(3, 32, 20, BlockFormats::q4_1),
    /** 5 bits and a scale for 32 elements. */
    Q5_0(6, 32, 22, BlockFormats::q5_0),
    /** 5 bits, a scale and a minimum for 32 elements. */
    Q5_1(7, 32, 24, BlockFormats::q5_1),
    /** 8 bits and a scale for 32 elements. */
    Q8_0(8, 32, 34, BlockFormats::q8_0),
    /** 2 bits; 4-bit scales and minima for 16 elements. */
    Q2_K(10, 256, 84, SuperBlockFormats::q2_k),
    /** 3 bits; 6-bit scales for 16 elements. */
    Q3_K(11, 256, 110, SuperBlockFormats::q3_k),
    /** 4 bits; 6-bit scales and minima for 32 elements. */
    Q4_K(12, 256, 144, SuperBlockFormats::q4_k),
    /** 5 bits; 6-bit scales and minima for 32 elements. */
    Q5_K(13, 256, 176, SuperBlockFormats::q5_k),
    /** 6 bits; 8-bit scales for 16 elements. */
    Q6_K(14, 256, 210, SuperBlockFormats::q6_k),
    /** 4 bits that index a table of levels, and a scale for 32 elements. */
    IQ4_NL(20, 32, 18, TableFormats::iq4_nl),
    /** 4 bits that index a table of levels; 6-bit scales for 32 elements. */
    IQ4_XS(23, 256, 136, TableFormats::iq4_xs),
    /** The upper half of an IEEE 754 binary32. */
    BF16(30, 1, 2, PlainFormats::bf16),
    /** 4-bit floats and a power of two for 32 elements (OCP Microscaling Formats). */
    MXFP4(39, 32, 17, TableFormats::mxfp4);

    private final int id;
    private final int blockSize;
    private final int blockBytes;
    @SuppressWarnings("ImmutableEnumChecker") // a method without state
    private final BlockDecoder decoder;

    GgmlType(int id, int blockSize, int blockBytes, BlockDecoder decoder) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
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

    /**
     * Decodes elements to F32, bit for bit as ggml does. One element after the other and slow: the truth that faster decoders are compared with. Thread-safe.
     *
     * @param source       any segment; the data may be unaligned
     * @param byteOffset   position of a block's first byte
     * @param elements     number of elements, a multiple of the block size
     * @param target       receives them
     * @param targetOffset index of the first of them
     * @throws IllegalArgumentException  if {@code elements} is negative or not a multiple of the block size
     * @throws IndexOutOfBoundsException if source or target are too small
     */
    public void dequantize(MemorySegment source, long byteOffset, int elements, float[] target, int targetOffset) {
        if (elements < 0 || elements % blockSize != 0) {
            throw new IllegalArgumentException("Cannot decode " + elements + " elements of " + this + ": not a multiple of " + blockSize);
        }
        for (int block = 0; block < elements / blockSize; block++) {
            decoder.decode(source, byteOffset + (long) block * blockBytes, target, targetOffset + block * blockSize);
        }
    }
}
