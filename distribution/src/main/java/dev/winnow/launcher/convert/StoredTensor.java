package dev.winnow.launcher.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * A tensor of a safetensors file.
 *
 * @param file  where it is
 * @param name  its name
 * @param type  storage format
 * @param shape dimensions, the last one contiguous in memory
 * @param data  mapped bytes, valid until the checkpoint is closed
 */
record StoredTensor(Path file, String name, Type type, List<Long> shape, MemorySegment data) {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The storage formats that are converted. */
    enum Type {
        F32(4),
        F16(2),
        BF16(2);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    /** Reads {@code count} values from the element {@code from} on. */
    void read(long from, int count, float[] target, int at) {
        for (int i = 0; i < count; i++) {
            long position = (from + i) * type.bytes;
            target[at + i] = switch (type) {
                case F32 -> Float.intBitsToFloat(data.get(INT, position));
                case F16 -> Float.float16ToFloat(data.get(SHORT, position));
                case BF16 -> Float.intBitsToFloat(data.get(SHORT, position) << 16);
            };
        }
    }
}
