package dev.winnow.spi.contract;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Keys and values in plain arrays, in the page layout of {@link KeyValues}. For tests: simple rather than fast. */
public final class InMemoryKeyValues implements KeyValues {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final KvType type;
    private final int keyDim;
    private final int valueDim;
    private final List<MemorySegment> keyPages = new ArrayList<>();
    private final List<MemorySegment> valuePages = new ArrayList<>();
    private int keyCount;
    private int firstPage;

    /** Creates an empty cache. */
    public InMemoryKeyValues(KvType type, int keyDim, int valueDim) {
        this.type = type;
        this.keyDim = keyDim;
        this.valueDim = valueDim;
    }

    /** Adds the key and the value of the next position. */
    public void append(float[] key, float[] value) {
        int page = keyCount / PAGE_KEYS;
        if (page == keyPages.size()) {
            keyPages.add(MemorySegment.ofArray(new byte[(int) KeyValues.pageBytes(type, keyDim)]));
            valuePages.add(MemorySegment.ofArray(new byte[(int) KeyValues.pageBytes(type, valueDim)]));
        }
        store(keyPages.get(page), true, keyCount % PAGE_KEYS, key, keyDim);
        store(valuePages.get(page), false, keyCount % PAGE_KEYS, value, valueDim);
        keyCount++;
    }

    /** Forgets the positions from {@code length} on. */
    public void truncate(int length) {
        keyCount = length;
    }

    /** Releases the pages before {@code page}. */
    public void release(int page) {
        firstPage = page;
    }

    private void store(MemorySegment page, boolean isKey, int position, float[] vector, int dim) {
        for (int from = 0; from < dim; from += SCALE_DIMS) {
            int to = Math.min(from + SCALE_DIMS, dim);
            float scale = type == KvType.Q8_0 ? storeScale(page, isKey, position, vector, from, to, dim) : 0;
            for (int c = from; c < to; c++) {
                long index = index(isKey, position, c, dim);
                switch (type) {
                    case F32 -> page.set(FLOAT, 4 * index, vector[c]);
                    case F16 -> page.set(SHORT, 2 * index, Float.floatToFloat16(vector[c]));
                    case Q8_0 -> page.set(ValueLayout.JAVA_BYTE, index, (byte) (scale == 0 ? 0 : Math.round(vector[c] / scale)));
                }
            }
        }
    }

    private static float storeScale(MemorySegment page, boolean isKey, int position, float[] vector, int from, int to, int dim) {
        float largest = 0;
        for (int c = from; c < to; c++) {
            largest = Math.max(largest, Math.abs(vector[c]));
        }
        short scale = Float.floatToFloat16(largest / 127);
        page.set(SHORT, scaleOffset(isKey, position, from, dim), scale);
        return Float.float16ToFloat(scale);
    }

    private static long index(boolean isKey, int position, int dimension, int dim) {
        return isKey ? KeyValues.keyIndex(position, dimension, dim) : (long) position * dim + dimension;
    }

    private static long scaleOffset(boolean isKey, int position, int dimension, int dim) {
        int groups = KeyValues.scaleGroups(dim);
        int group = dimension / SCALE_DIMS;
        long index = isKey
                ? ((long) position / GROUP_KEYS * groups + group) * GROUP_KEYS + position % GROUP_KEYS
                : (long) position * groups + group;
        return (long) PAGE_KEYS * dim + 2 * index;
    }

    private void load(MemorySegment page, boolean isKey, int position, float[] target, int offset, int dim) {
        for (int c = 0; c < dim; c++) {
            long index = index(isKey, position, c, dim);
            target[offset + c] = switch (type) {
                case F32 -> page.get(FLOAT, 4 * index);
                case F16 -> Float.float16ToFloat(page.get(SHORT, 2 * index));
                case Q8_0 -> page.get(ValueLayout.JAVA_BYTE, index)
                        * Float.float16ToFloat(page.get(SHORT, scaleOffset(isKey, position, c, dim)));
            };
        }
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public int keyDim() {
        return keyDim;
    }

    @Override
    public int valueDim() {
        return valueDim;
    }

    @Override
    public int keyCount() {
        return keyCount;
    }

    @Override
    public int firstPage() {
        return firstPage;
    }

    @Override
    public MemorySegment keys(int page) {
        return held(keyPages, page);
    }

    @Override
    public MemorySegment values(int page) {
        return held(valuePages, page);
    }

    private MemorySegment held(List<MemorySegment> pages, int page) {
        if (page < firstPage) {
            throw new IndexOutOfBoundsException("page " + page + " was released");
        }
        return pages.get(page);
    }

    @Override
    public void copyKey(int position, float[] target, int offset) {
        load(keys(position / PAGE_KEYS), true, position % PAGE_KEYS, target, offset, keyDim);
    }

    @Override
    public void copyValue(int position, float[] target, int offset) {
        load(values(position / PAGE_KEYS), false, position % PAGE_KEYS, target, offset, valueDim);
    }
}
