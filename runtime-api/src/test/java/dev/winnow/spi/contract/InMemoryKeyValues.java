package dev.winnow.spi.contract;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link KeyValues} for tests that writes pages in the documented layout, one element at a time. What the documentation leaves unspecified (elements at and
 * above the number of keys) is filled with large numbers, so that a backend that looks at it is found out. Not thread-safe while keys are being appended.
 */
public final class InMemoryKeyValues implements KeyValues {

    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

    private static final float UNSPECIFIED = 30_000;

    private final KvType type;
    private final int keyDim;
    private final int valueDim;
    private final boolean onHeap;
    private final List<MemorySegment> keyPages = new ArrayList<>();
    private final List<MemorySegment> valuePages = new ArrayList<>();
    private int keyCount;
    private int firstPage;

    /** Creates an empty cache with pages outside the Java heap, as the runtime has them. */
    public InMemoryKeyValues(KvType type, int keyDim, int valueDim) {
        this(type, keyDim, valueDim, false);
    }

    /**
     * Creates an empty cache.
     *
     * @param onHeap whether the pages are Java arrays
     */
    public InMemoryKeyValues(KvType type, int keyDim, int valueDim, boolean onHeap) {
        this.type = type;
        this.keyDim = keyDim;
        this.valueDim = valueDim;
        this.onHeap = onHeap;
    }

    /** Appends a key of {@code keyDim} elements and a value of {@code valueDim} elements. */
    public void append(float[] keys, int keyOffset, float[] values, int valueOffset) {
        int inPage = keyCount % PAGE_KEYS;
        if (inPage == 0) {
            keyPages.add(newPage(keyDim));
            valuePages.add(newPage(valueDim));
        }
        writeKey(keyPages.getLast(), inPage, keys, keyOffset);
        writeValue(valuePages.getLast(), inPage, values, valueOffset);
        keyCount++;
    }

    /** Forgets the keys and values from {@code length} on. */
    public void truncate(int length) {
        keyCount = length;
        while (keyPages.size() > (length + PAGE_KEYS - 1) / PAGE_KEYS) {
            keyPages.removeLast();
            valuePages.removeLast();
        }
    }

    /** Releases the pages below {@code page}, as happens behind a sliding window. */
    public void release(int page) {
        firstPage = page;
        for (int p = 0; p < page; p++) {
            keyPages.set(p, MemorySegment.NULL);
            valuePages.set(p, MemorySegment.NULL);
        }
    }

    private MemorySegment newPage(int dim) {
        long bytes = KeyValues.pageBytes(type, dim);
        MemorySegment page = onHeap ? MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]) : Arena.ofAuto().allocate(bytes, 64);
        for (int element = 0; element < PAGE_KEYS * dim; element++) {
            switch (type) {
                case F32 -> page.set(F32, 4L * element, UNSPECIFIED);
                case F16 -> page.set(F16, 2L * element, Float.floatToFloat16(UNSPECIFIED));
                case Q8_0 -> page.set(I8, element, Byte.MAX_VALUE);
            }
        }
        if (type == KvType.Q8_0) {
            for (int scale = 0; scale < PAGE_KEYS * KeyValues.scaleGroups(dim); scale++) {
                page.set(F16, scaleByte(dim, scale), Float.floatToFloat16(UNSPECIFIED / Byte.MAX_VALUE));
            }
        }
        return page;
    }

    private void writeKey(MemorySegment page, int inPage, float[] source, int offset) {
        float absMax = 0;
        for (int c = 0; c < keyDim; c++) {
            absMax = c % SCALE_DIMS == 0 ? absMax(source, offset, keyDim, c) : absMax;
            write(page, KeyValues.keyIndex(inPage, c, keyDim), source[offset + c], absMax, keyDim, keyScaleIndex(inPage, c / SCALE_DIMS));
        }
    }

    private void writeValue(MemorySegment page, int inPage, float[] source, int offset) {
        float absMax = 0;
        for (int c = 0; c < valueDim; c++) {
            absMax = c % SCALE_DIMS == 0 ? absMax(source, offset, valueDim, c) : absMax;
            write(page, inPage * valueDim + c, source[offset + c], absMax, valueDim, valueScaleIndex(inPage, c / SCALE_DIMS));
        }
    }

    /** Writes an element; for Q8_0 also its scale, which the elements of a scale group write alike. */
    private void write(MemorySegment page, int index, float value, float absMax, int dim, int scaleIndex) {
        switch (type) {
            case F32 -> page.set(F32, 4L * index, value);
            case F16 -> page.set(F16, 2L * index, Float.floatToFloat16(value));
            case Q8_0 -> {
                float scale = absMax / Byte.MAX_VALUE;
                page.set(I8, index, scale == 0 ? 0 : (byte) Math.round(value / scale));
                page.set(F16, scaleByte(dim, scaleIndex), Float.floatToFloat16(scale));
            }
        }
    }

    /** Returns the largest absolute value of the scale group that begins at a dimension. */
    private static float absMax(float[] source, int offset, int dim, int from) {
        float max = 0;
        for (int c = from; c < Math.min(dim, from + SCALE_DIMS); c++) {
            max = Math.max(max, Math.abs(source[offset + c]));
        }
        return max;
    }

    private int keyScaleIndex(int inPage, int group) {
        return (inPage / GROUP_KEYS * KeyValues.scaleGroups(keyDim) + group) * GROUP_KEYS + inPage % GROUP_KEYS;
    }

    private int valueScaleIndex(int inPage, int group) {
        return inPage * KeyValues.scaleGroups(valueDim) + group;
    }

    private static long scaleByte(int dim, int scaleIndex) {
        return (long) PAGE_KEYS * dim + 2L * scaleIndex;
    }

    private float read(MemorySegment page, int index, int dim, int scaleIndex) {
        return switch (type) {
            case F32 -> page.get(F32, 4L * index);
            case F16 -> Float.float16ToFloat(page.get(F16, 2L * index));
            case Q8_0 -> page.get(I8, index) * Float.float16ToFloat(page.get(F16, scaleByte(dim, scaleIndex)));
        };
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
        if (page < firstPage || page >= pages.size()) {
            throw new IndexOutOfBoundsException("page " + page + " is not held; pages " + firstPage + " to " + (pages.size() - 1) + " are");
        }
        return pages.get(page);
    }

    @Override
    public void copyKey(int position, float[] target, int offset) {
        int inPage = position % PAGE_KEYS;
        MemorySegment page = keys(position / PAGE_KEYS);
        for (int c = 0; c < keyDim; c++) {
            target[offset + c] = read(page, KeyValues.keyIndex(inPage, c, keyDim), keyDim, keyScaleIndex(inPage, c / SCALE_DIMS));
        }
    }

    @Override
    public void copyValue(int position, float[] target, int offset) {
        int inPage = position % PAGE_KEYS;
        MemorySegment page = values(position / PAGE_KEYS);
        for (int c = 0; c < valueDim; c++) {
            target[offset + c] = read(page, inPage * valueDim + c, valueDim, valueScaleIndex(inPage, c / SCALE_DIMS));
        }
    }
}
