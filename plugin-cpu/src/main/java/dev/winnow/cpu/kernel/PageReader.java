package dev.winnow.cpu.kernel;

import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Converts parts of a cache page to F32; {@link KeyValues} describes the layouts. Stateless.
 *
 * <p>As everywhere in this package, the result of {@code convertShape} is cast before anything is called on it. Called through the type {@code Vector}, a method
 * has receivers of several element types in C2's profile, C2 inlines that of another type too, and JDK 25 ends the process where this type does not have the
 * operation: "fatal error: LSHIFT: float".
 */
public final class PageReader {

    /** Where exponent and mantissa of an F16 are in an F32's place, for {@link Halves#SIGN_AND_MAGNITUDE} and {@link Halves#BIAS}. */
    static final int F16_SHIFT = 13;

    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final int LANES = VectorSupport.LANES;

    /** As many shorts as there are floats in a vector. */
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));

    /** As many bytes as a float vector has lanes, but at least the 8 of the smallest vector. */
    static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));

    private static final int PARTS = BYTES.length() / LANES;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int SCALE_DIMS = KeyValues.SCALE_DIMS;

    private PageReader() {}

    /**
     * Converts the keys of the groups {@code firstGroup … endGroup−1} to {@code target[at …]}: [group][keyDim][16].
     *
     * @param page the key part of a page, native
     */
    public static void readKeys(KvType type, MemorySegment page, int keyDim, int firstGroup, int endGroup, float[] target, int at) {
        int first = firstGroup * keyDim * GROUP;
        int count = (endGroup - firstGroup) * keyDim * GROUP;
        switch (type) {
            case F32 -> readF32(page, first, count, target, at);
            case F16 -> readF16(page, first, count, target, at);
            case Q8_0 -> {
                for (int group = firstGroup; group < endGroup; group++) {
                    readQ8Keys(page, keyDim, group, target, at + (group - firstGroup) * keyDim * GROUP);
                }
            }
        }
    }

    /**
     * Converts the values {@code firstKey … endKey−1} to {@code target[at …]}: [key][valueDim].
     *
     * @param page the value part of a page, native
     */
    public static void readValues(KvType type, MemorySegment page, int valueDim, int firstKey, int endKey, float[] target, int at) {
        int first = firstKey * valueDim;
        int count = (endKey - firstKey) * valueDim;
        switch (type) {
            case F32 -> readF32(page, first, count, target, at);
            case F16 -> readF16(page, first, count, target, at);
            case Q8_0 -> {
                for (int key = firstKey; key < endKey; key++) {
                    readQ8Value(page, valueDim, key, target, at + (key - firstKey) * valueDim);
                }
            }
        }
    }

    /**
     * Converts the scales of the 16 keys or values of a group of a {@link KvType#Q8_0} page, in the order of the page, to {@code target[at …]}.
     *
     * @param page the key or value part of a page, native
     */
    public static void readScales(MemorySegment page, int dim, int group, float[] target, int at) {
        int count = GROUP * KeyValues.scaleGroups(dim);
        readF16(page, KeyValues.PAGE_KEYS * dim / 2 + group * count, count, target, at);
    }

    private static void readF32(MemorySegment page, int first, int count, float[] target, int at) {
        MemorySegment.copy(page, FLOAT, 4L * first, target, at, count);
    }

    private static void readF16(MemorySegment page, int first, int count, float[] target, int at) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + 2L * first;
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, base + 2L * i, ORDER).convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, F16_SHIFT).lanewise(VectorOperators.AND, Halves.SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(Halves.BIAS).intoArray(target, at + i);
        }
        for (; i < count; i++) {
            target[at + i] = Float.float16ToFloat(view.get(KeyValues.HALF, base + 2L * i));
        }
    }

    private static void readQ8Keys(MemorySegment page, int keyDim, int group, float[] target, int at) {
        MemorySegment view = VectorSupport.view(page);
        long bytes = VectorSupport.base(page) + (long) group * keyDim * GROUP;
        int scaleGroups = KeyValues.scaleGroups(keyDim);
        long scales = VectorSupport.base(page) + (long) KeyValues.PAGE_KEYS * keyDim + 2L * group * scaleGroups * GROUP;
        for (int scaleGroup = 0; scaleGroup < scaleGroups; scaleGroup++) {
            int end = Math.min(keyDim, (scaleGroup + 1) * SCALE_DIMS);
            for (int key = 0; key < GROUP; key += BYTES.length()) {
                long scaleAt = scales + 2L * (scaleGroup * GROUP + key);
                for (int part = 0; part < PARTS; part++) {
                    FloatVector scale = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, scaleAt + 2L * part * LANES, ORDER)
                            .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, F16_SHIFT)
                            .lanewise(VectorOperators.AND, Halves.SIGN_AND_MAGNITUDE).reinterpretAsFloats().mul(Halves.BIAS);
                    for (int c = scaleGroup * SCALE_DIMS; c < end; c++) {
                        ((FloatVector) ByteVector.fromMemorySegment(BYTES, view, bytes + c * GROUP + key, ORDER)
                                .convertShape(VectorOperators.B2F, FLOATS, part)).mul(scale)
                                .intoArray(target, at + c * GROUP + key + part * LANES);
                    }
                }
            }
        }
    }

    private static void readQ8Value(MemorySegment page, int valueDim, int key, float[] target, int at) {
        MemorySegment view = VectorSupport.view(page);
        long bytes = VectorSupport.base(page) + (long) key * valueDim;
        int scaleGroups = KeyValues.scaleGroups(valueDim);
        long scales = VectorSupport.base(page) + (long) KeyValues.PAGE_KEYS * valueDim + 2L * key * scaleGroups;
        for (int scaleGroup = 0; scaleGroup < scaleGroups; scaleGroup++) {
            float scale = Float.float16ToFloat(view.get(KeyValues.HALF, scales + 2L * scaleGroup));
            int end = Math.min(valueDim, (scaleGroup + 1) * SCALE_DIMS);
            int c = scaleGroup * SCALE_DIMS;
            for (; c <= end - BYTES.length(); c += BYTES.length()) {
                ByteVector weights = ByteVector.fromMemorySegment(BYTES, view, bytes + c, ORDER);
                for (int part = 0; part < PARTS; part++) {
                    ((FloatVector) weights.convertShape(VectorOperators.B2F, FLOATS, part)).mul(scale).intoArray(target,
                            at + c + part * LANES);
                }
            }
            for (; c < end; c++) {
                target[at + c] = view.get(ValueLayout.JAVA_BYTE, bytes + c) * scale;
            }
        }
    }
}
