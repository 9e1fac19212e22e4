package dev.winnow.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Scalar reads of little-endian weights at any alignment. Row kernels read by {@link MemorySegment#get} and the layouts, because C2 stops inlining these methods, but
 * not those of the JDK, in large kernels.
 */
final class WeightBytes {

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private WeightBytes() {}

    static int int32(MemorySegment memory, long at) {
        return memory.get(INT, at);
    }

    static short int16(MemorySegment memory, long at) {
        return memory.get(SHORT, at);
    }

    static int uint8(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    static int int8(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    /** Reads an F16. */
    static float half(MemorySegment memory, long at) {
        return Float.float16ToFloat(memory.get(SHORT, at));
    }

    /** Copies {@code count} words to {@code target[start + i · stride]}. */
    static void copyWords(MemorySegment memory, long at, int count, int[] target, int start, int stride) {
        for (int i = 0; i < count; i++) {
            target[start + i * stride] = memory.get(INT, at + 4L * i);
        }
    }
}
