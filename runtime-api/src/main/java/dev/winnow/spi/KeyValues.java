package dev.winnow.spi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The cached keys and values of one layer and KV head, as pages of {@value #PAGE_KEYS} keys. Keys are stored after RoPE. Positions are absolute and start at
 * 0; page p holds the positions 64p … 64p+63.
 *
 * <p>Layout of a page, for head dimensions dk and dv (little-endian, no padding between the parts):
 * <ul>
 * <li><b>Keys</b> stand in four groups of {@value #GROUP_KEYS} keys; inside a group the keys of one dimension are neighbours: element (key j, dimension c) has the
 * index {@code ((j / 16) · dk + c) · 16 + j % 16}. A dot product of one query with 16 keys is then a chain of multiply-adds without a lane reduction, and
 * a group is one contiguous run of memory.
 * <li><b>Values</b> are row-major: element (key j, dimension c) has the index {@code j · dv + c}.
 * <li>{@link KvType#Q8_0}: the bytes of the elements in the same order, followed by F16 scales; the scale of key j and dimensions 32g … 32g+31 has the index
 * {@code ((j / 16) · ⌈dk/32⌉ + g) · 16 + j % 16} for keys and {@code j · ⌈dv/32⌉ + g} for values.
 * </ul>
 * Elements of positions at and above {@link #keyCount()} are finite but otherwise unspecified.
 *
 * <p>Thread-safe for reading while no keys are being appended; the runtime never appends while refiners or backends run on the same layer.
 */
public interface KeyValues {

    /** Keys in a page, and in one block (one {@code long}) of an {@link AttentionMask}. */
    int PAGE_KEYS = 64;

    /** Neighbouring keys in the layout of a key page. */
    int GROUP_KEYS = 16;

    /** An element of an F16 page, and a scale of a Q8_0 page. */
    ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Dimensions that share one scale in a {@link KvType#Q8_0} page. */
    int SCALE_DIMS = 32;

    /** Returns the storage format. */
    KvType type();

    /** Returns the dimension of a key. */
    int keyDim();

    /** Returns the dimension of a value. */
    int valueDim();

    /** Returns the number of positions so far, including those whose pages have been released. */
    int keyCount();

    /** Returns the first page that is still held; earlier pages were released behind a sliding window. */
    int firstPage();

    /**
     * Returns the key part of a page.
     *
     * @throws IndexOutOfBoundsException if the page is not held
     */
    MemorySegment keys(int page);

    /**
     * Returns the value part of a page.
     *
     * @throws IndexOutOfBoundsException if the page is not held
     */
    MemorySegment values(int page);

    /** Copies the key of a position to {@code target[offset …]}, converted to F32. */
    void copyKey(int position, float[] target, int offset);

    /** Copies the value of a position to {@code target[offset …]}, converted to F32. */
    void copyValue(int position, float[] target, int offset);

    /** Returns the number of bytes of the key or value part of a page. */
    static long pageBytes(KvType type, int dim) {
        long elements = (long) PAGE_KEYS * dim;
        return switch (type) {
            case F32 -> 4 * elements;
            case F16 -> 2 * elements;
            case Q8_0 -> elements + 2L * PAGE_KEYS * scaleGroups(dim);
        };
    }

    /** Returns the index of an element in the key part of a page. */
    static int keyIndex(int keyInPage, int dimension, int dim) {
        return ((keyInPage / GROUP_KEYS) * dim + dimension) * GROUP_KEYS + keyInPage % GROUP_KEYS;
    }

    /** Returns the number of scales of one key or value in a {@link KvType#Q8_0} page. */
    static int scaleGroups(int dim) {
        return (dim + SCALE_DIMS - 1) / SCALE_DIMS;
    }
}
