package dev.winnow.core.cache;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Writes and reads single keys and values in the page layout of {@link KeyValues}. */
final class PageCodec {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PageCodec() {}

    /**
     * Writes one vector.
     *
     * @param start  index of its first element
     * @param step   distance between its elements
     * @param scale  index of its first scale among all scales of the page
     * @param scaleStep distance between its scales
     */
    private static void write(KvType type, MemorySegment page, int start, int step, int scale, int scaleStep, int dim, float[] source,
            int offset) {
        switch (type) {
            case F32 -> {
                for (int c = 0; c < dim; c++) {
                    page.setAtIndex(FLOAT, start + c * step, source[offset + c]);
                }
            }
            case F16 -> {
                for (int c = 0; c < dim; c++) {
                    page.setAtIndex(KeyValues.HALF, start + c * step, Float.floatToFloat16(source[offset + c]));
                }
            }
            case Q8_0 -> {
                for (int group = 0; group * KeyValues.SCALE_DIMS < dim; group++) {
                    int from = group * KeyValues.SCALE_DIMS;
                    int to = Math.min(from + KeyValues.SCALE_DIMS, dim);
                    float largest = 0;
                    for (int c = from; c < to; c++) {
                        largest = Math.max(largest, Math.abs(source[offset + c]));
                    }
                    float inverse = largest == 0 ? 0 : 127 / largest;
                    page.set(KeyValues.HALF, (long) KeyValues.PAGE_KEYS * dim + 2L * (scale + group * scaleStep),
                            Float.floatToFloat16(largest / 127));
                    for (int c = from; c < to; c++) {
                        page.set(ValueLayout.JAVA_BYTE, start + c * step, (byte) Math.round(source[offset + c] * inverse));
                    }
                }
            }
        }
    }

    private static void read(KvType type, MemorySegment page, int start, int step, int scale, int scaleStep, int dim, float[] target,
            int offset) {
        for (int c = 0; c < dim; c++) {
            int index = start + c * step;
            target[offset + c] = switch (type) {
                case F32 -> page.getAtIndex(FLOAT, index);
                case F16 -> Float.float16ToFloat(page.getAtIndex(KeyValues.HALF, index));
                case Q8_0 -> {
                    long scaleIndex = scale + c / KeyValues.SCALE_DIMS * (long) scaleStep;
                    float factor = Float.float16ToFloat(page.get(KeyValues.HALF, (long) KeyValues.PAGE_KEYS * dim + 2 * scaleIndex));
                    yield page.get(ValueLayout.JAVA_BYTE, index) * factor;
                }
            };
        }
    }

    static void writeKey(KvType type, MemorySegment page, int key, int dim, float[] source, int offset) {
        write(type, page, KeyValues.keyIndex(key, 0, dim), KeyValues.GROUP_KEYS, keyScale(key, dim), KeyValues.GROUP_KEYS, dim, source,
                offset);
    }

    static void writeValue(KvType type, MemorySegment page, int key, int dim, float[] source, int offset) {
        write(type, page, key * dim, 1, key * KeyValues.scaleGroups(dim), 1, dim, source, offset);
    }

    static void readKey(KvType type, MemorySegment page, int key, int dim, float[] target, int offset) {
        read(type, page, KeyValues.keyIndex(key, 0, dim), KeyValues.GROUP_KEYS, keyScale(key, dim), KeyValues.GROUP_KEYS, dim, target,
                offset);
    }

    static void readValue(KvType type, MemorySegment page, int key, int dim, float[] target, int offset) {
        read(type, page, key * dim, 1, key * KeyValues.scaleGroups(dim), 1, dim, target, offset);
    }

    private static int keyScale(int key, int dim) {
        return key / KeyValues.GROUP_KEYS * KeyValues.scaleGroups(dim) * KeyValues.GROUP_KEYS + key % KeyValues.GROUP_KEYS;
    }
}
