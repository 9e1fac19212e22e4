package dev.winnow.sparsek;

import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Converts cached pages of keys to F32, whatever their storage format. Not thread-safe; allocates only when it grows. */
final class KeyPageReader {

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private short[] halves = new short[0]; // [64 · keyDim]
    private byte[] bytes = new byte[0]; // [64 · keyDim]
    private float[] scales = new float[0]; // [4][scale groups][16]
    private float[] grouped = new float[0]; // [4][keyDim][16]

    /** Reads a page in the order of the cache, [4 groups][keyDim][16 keys], to the start of {@code target}. */
    void readGrouped(KeyValues keyValues, int page, float[] target) {
        MemorySegment source = keyValues.keys(page);
        int n = KeyValues.PAGE_KEYS * keyValues.keyDim();
        switch (keyValues.type()) {
            case F32 -> MemorySegment.copy(source, FLOAT, 0, target, 0, n);
            case F16 -> readHalves(source, n, target);
            case Q8_0 -> readBytes(source, keyValues.keyDim(), target);
        }
    }

    /** Reads a page row by row, [64 keys][keyDim], to the start of {@code target}. */
    void readRows(KeyValues keyValues, int page, float[] target) {
        split(keyValues, page, 1, target);
    }

    /**
     * Reads a page in groups of {@code size} keys, [64/size groups][keyDim][size keys], to the start of {@code target}; for sizes above 16, which the cache
     * does not hold together, [64/size groups][size/16][keyDim][16 keys].
     *
     * @param size power of two, 1 … 64
     */
    void split(KeyValues keyValues, int page, int size, float[] target) {
        if (size >= GROUP) {
            readGrouped(keyValues, page, target);
            return;
        }
        int dim = keyValues.keyDim();
        if (grouped.length < KeyValues.PAGE_KEYS * dim) {
            grouped = new float[KeyValues.PAGE_KEYS * dim];
        }
        readGrouped(keyValues, page, grouped);
        for (int part = 0; part < KeyValues.PAGE_KEYS / size; part++) {
            int from = part * size / GROUP * dim * GROUP + part * size % GROUP;
            int to = part * size * dim;
            switch (size) {
                case 1 -> gather(from, dim, target, to);
                case 8 -> gatherEights(from, dim, target, to);
                default -> gather(from, size, dim, target, to);
            }
        }
    }

    private void gather(int from, int dim, float[] target, int to) {
        for (int c = 0; c < dim; c++) {
            target[to + c] = grouped[from + c * GROUP];
        }
    }

    /** The same as below for 8 keys; the constant lets the compiler copy them with one instruction. */
    private void gatherEights(int from, int dim, float[] target, int to) {
        for (int c = 0; c < dim; c++) {
            for (int key = 0; key < 8; key++) {
                target[to + c * 8 + key] = grouped[from + c * GROUP + key];
            }
        }
    }

    private void gather(int from, int size, int dim, float[] target, int to) {
        for (int c = 0; c < dim; c++) {
            for (int key = 0; key < size; key++) {
                target[to + c * size + key] = grouped[from + c * GROUP + key];
            }
        }
    }

    private void readHalves(MemorySegment source, int n, float[] target) {
        if (halves.length < n) {
            halves = new short[n];
        }
        MemorySegment.copy(source, KeyValues.HALF, 0, halves, 0, n);
        for (int i = 0; i < n; i++) {
            target[i] = Float.float16ToFloat(halves[i]);
        }
    }

    private void readBytes(MemorySegment source, int dim, float[] target) {
        int n = KeyValues.PAGE_KEYS * dim;
        int scaleGroups = KeyValues.scaleGroups(dim);
        int scaleCount = KeyValues.PAGE_KEYS * scaleGroups;
        if (bytes.length < n || scales.length < scaleCount) {
            bytes = new byte[n];
            scales = new float[scaleCount];
        }
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, bytes, 0, n);
        for (int i = 0; i < scaleCount; i++) {
            scales[i] = Float.float16ToFloat(source.get(KeyValues.HALF, n + 2L * i));
        }
        for (int group = 0; group < KeyValues.PAGE_KEYS / GROUP; group++) {
            for (int c = 0; c < dim; c++) {
                int at = (group * dim + c) * GROUP;
                int scale = (group * scaleGroups + c / KeyValues.SCALE_DIMS) * GROUP;
                for (int key = 0; key < GROUP; key++) {
                    target[at + key] = bytes[at + key] * scales[scale + key];
                }
            }
        }
    }
}
