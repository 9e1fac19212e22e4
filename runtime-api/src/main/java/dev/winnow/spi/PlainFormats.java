package dev.winnow.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Formats without blocks, and the little-endian reads that all decoders share. */
final class PlainFormats {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PlainFormats() {}

    static void f32(MemorySegment source, long offset, float[] target, int start) {
        target[start] = Float.intBitsToFloat(int32(source, offset));
    }

    static void f16(MemorySegment source, long offset, float[] target, int start) {
        target[start] = half(source, offset);
    }

    /** The upper half of an F32. */
    static void bf16(MemorySegment source, long offset, float[] target, int start) {
        target[start] = Float.intBitsToFloat(source.get(SHORT, offset) << 16);
    }

    /** Reads an IEEE 754 binary16. */
    static float half(MemorySegment source, long offset) {
        return Float.float16ToFloat(source.get(SHORT, offset));
    }

    /** Reads 16 bits, unsigned. */
    static int uint16(MemorySegment source, long offset) {
        return source.get(SHORT, offset) & 0xffff;
    }

    /** Reads 32 bits. */
    static int int32(MemorySegment source, long offset) {
        return source.get(INT, offset);
    }

    /** Reads some bits of the byte at {@code offset + index}: shifted down, then masked. */
    static int bits(MemorySegment source, long offset, int index, int shift, int mask) {
        return (source.get(JAVA_BYTE, offset + index) >> shift) & mask;
    }

    /** Reads the byte at {@code offset + index}, unsigned. */
    static int uint8(MemorySegment source, long offset, int index) {
        return source.get(JAVA_BYTE, offset + index) & 0xff;
    }

    /** Reads the byte at {@code offset + index}, signed. */
    static int int8(MemorySegment source, long offset, int index) {
        return source.get(JAVA_BYTE, offset + index);
    }
}
