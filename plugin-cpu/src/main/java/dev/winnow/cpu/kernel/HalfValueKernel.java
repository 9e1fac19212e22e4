package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Adds weighted F16 values to the outputs of up to four rows, converted in registers like the keys of {@link HalfScoreKernel}. The lanes of a vector are dimensions
 * of a value. The factor 2^112 is split between weights and outputs.
 */
public final class HalfValueKernel {

    /** The weights are to be multiplied by this. */
    public static final float WEIGHT_FACTOR = 0x1p56f;

    /** The outputs are kept divided by this. */
    public static final float OUTPUT_FACTOR = 0x1p56f;

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorSupport.INTS;
    private static final VectorSpecies<Short> SHORTS = PageReader.SHORTS;
    private static final int LANES = VectorSupport.LANES;
    private static final ByteOrder ORDER = PageReader.ORDER;
    private static final int SHIFT = PageReader.F16_SHIFT;
    private static final int MASK = Halves.SIGN_AND_MAGNITUDE;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private HalfValueKernel() {}

    /**
     * Adds the values of the keys {@code from … to−1}.
     *
     * @param page    the value part of a page, native
     * @param dim     dimension of a value, a multiple of the vector's length
     * @param rows    1 … 4; the outputs of other rows stay as they are
     * @param weights [4][64], multiplied by {@link #WEIGHT_FACTOR}; that of key {@code from} is in column {@code column}
     * @param outputs [4][dim] at {@code outAt}, divided by {@link #OUTPUT_FACTOR}
     */
    public static void multiply(MemorySegment page, int from, int to, int dim, int rows, float[] weights, int column, float[] outputs,
            int outAt) {
        int c = 0;
        for (; VectorSupport.MANY_REGISTERS && c <= dim - 4 * LANES; c += 4 * LANES) {
            multiply4x4(page, from, to, c, dim, rows, weights, column - from, outputs, outAt);
        }
        for (; c <= dim - 2 * LANES; c += 2 * LANES) {
            multiply4x2(page, from, to, c, dim, rows, weights, column - from, outputs, outAt);
        }
        for (; c < dim; c += LANES) {
            multiply4x1(page, from, to, c, dim, rows, weights, column - from, outputs, outAt);
        }
    }

    private static void multiply4x4(MemorySegment page, int from, int to, int dimension, int dim, int rows, float[] weights, int shift,
            float[] outputs, int outAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + 2L * dimension;
        int at0 = outAt + dimension;
        int at1 = at0 + dim;
        int at2 = at1 + dim;
        int at3 = at2 + dim;
        FloatVector o00 = FloatVector.fromArray(FLOATS, outputs, at0);
        FloatVector o01 = FloatVector.fromArray(FLOATS, outputs, at0 + LANES);
        FloatVector o02 = FloatVector.fromArray(FLOATS, outputs, at0 + 2 * LANES);
        FloatVector o03 = FloatVector.fromArray(FLOATS, outputs, at0 + 3 * LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, outputs, at1);
        FloatVector o11 = FloatVector.fromArray(FLOATS, outputs, at1 + LANES);
        FloatVector o12 = FloatVector.fromArray(FLOATS, outputs, at1 + 2 * LANES);
        FloatVector o13 = FloatVector.fromArray(FLOATS, outputs, at1 + 3 * LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, outputs, at2);
        FloatVector o21 = FloatVector.fromArray(FLOATS, outputs, at2 + LANES);
        FloatVector o22 = FloatVector.fromArray(FLOATS, outputs, at2 + 2 * LANES);
        FloatVector o23 = FloatVector.fromArray(FLOATS, outputs, at2 + 3 * LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, outputs, at3);
        FloatVector o31 = FloatVector.fromArray(FLOATS, outputs, at3 + LANES);
        FloatVector o32 = FloatVector.fromArray(FLOATS, outputs, at3 + 2 * LANES);
        FloatVector o33 = FloatVector.fromArray(FLOATS, outputs, at3 + 3 * LANES);
        for (int key = from; key < to; key++) {
            long address = base + 2L * key * dim;
            FloatVector v0 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address, ORDER).convertShape(VectorOperators.S2I,
                    INTS, 0))
                    .lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector v1 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address + 2 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK)
                    .reinterpretAsFloats();
            FloatVector v2 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address + 4 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK)
                    .reinterpretAsFloats();
            FloatVector v3 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address + 6 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK)
                    .reinterpretAsFloats();
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[shift + key]);
            o00 = weight.fma(v0, o00);
            o01 = weight.fma(v1, o01);
            o02 = weight.fma(v2, o02);
            o03 = weight.fma(v3, o03);
            if (rows > 1) {
                weight = FloatVector.broadcast(FLOATS, weights[BLOCK + shift + key]);
                o10 = weight.fma(v0, o10);
                o11 = weight.fma(v1, o11);
                o12 = weight.fma(v2, o12);
                o13 = weight.fma(v3, o13);
            }
            if (rows > 2) {
                weight = FloatVector.broadcast(FLOATS, weights[2 * BLOCK + shift + key]);
                o20 = weight.fma(v0, o20);
                o21 = weight.fma(v1, o21);
                o22 = weight.fma(v2, o22);
                o23 = weight.fma(v3, o23);
            }
            if (rows > 3) {
                weight = FloatVector.broadcast(FLOATS, weights[3 * BLOCK + shift + key]);
                o30 = weight.fma(v0, o30);
                o31 = weight.fma(v1, o31);
                o32 = weight.fma(v2, o32);
                o33 = weight.fma(v3, o33);
            }
        }
        o00.intoArray(outputs, at0);
        o01.intoArray(outputs, at0 + LANES);
        o02.intoArray(outputs, at0 + 2 * LANES);
        o03.intoArray(outputs, at0 + 3 * LANES);
        o10.intoArray(outputs, at1);
        o11.intoArray(outputs, at1 + LANES);
        o12.intoArray(outputs, at1 + 2 * LANES);
        o13.intoArray(outputs, at1 + 3 * LANES);
        o20.intoArray(outputs, at2);
        o21.intoArray(outputs, at2 + LANES);
        o22.intoArray(outputs, at2 + 2 * LANES);
        o23.intoArray(outputs, at2 + 3 * LANES);
        o30.intoArray(outputs, at3);
        o31.intoArray(outputs, at3 + LANES);
        o32.intoArray(outputs, at3 + 2 * LANES);
        o33.intoArray(outputs, at3 + 3 * LANES);
    }

    /** Up to four rows × two vectors of dimensions, for the rest of a value, and where {@link VectorSupport#MANY_REGISTERS} is false. */
    private static void multiply4x2(MemorySegment page, int from, int to, int dimension, int dim, int rows, float[] weights, int shift,
            float[] outputs, int outAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + 2L * dimension;
        int at0 = outAt + dimension;
        int at1 = at0 + dim;
        int at2 = at1 + dim;
        int at3 = at2 + dim;
        FloatVector o00 = FloatVector.fromArray(FLOATS, outputs, at0);
        FloatVector o01 = FloatVector.fromArray(FLOATS, outputs, at0 + LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, outputs, at1);
        FloatVector o11 = FloatVector.fromArray(FLOATS, outputs, at1 + LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, outputs, at2);
        FloatVector o21 = FloatVector.fromArray(FLOATS, outputs, at2 + LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, outputs, at3);
        FloatVector o31 = FloatVector.fromArray(FLOATS, outputs, at3 + LANES);
        for (int key = from; key < to; key++) {
            long address = base + 2L * key * dim;
            FloatVector v0 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address, ORDER).convertShape(VectorOperators.S2I,
                    INTS, 0))
                    .lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK).reinterpretAsFloats();
            FloatVector v1 = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, address + 2 * LANES, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK)
                    .reinterpretAsFloats();
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[shift + key]);
            o00 = weight.fma(v0, o00);
            o01 = weight.fma(v1, o01);
            if (rows > 1) {
                weight = FloatVector.broadcast(FLOATS, weights[BLOCK + shift + key]);
                o10 = weight.fma(v0, o10);
                o11 = weight.fma(v1, o11);
            }
            if (rows > 2) {
                weight = FloatVector.broadcast(FLOATS, weights[2 * BLOCK + shift + key]);
                o20 = weight.fma(v0, o20);
                o21 = weight.fma(v1, o21);
            }
            if (rows > 3) {
                weight = FloatVector.broadcast(FLOATS, weights[3 * BLOCK + shift + key]);
                o30 = weight.fma(v0, o30);
                o31 = weight.fma(v1, o31);
            }
        }
        o00.intoArray(outputs, at0);
        o01.intoArray(outputs, at0 + LANES);
        o10.intoArray(outputs, at1);
        o11.intoArray(outputs, at1 + LANES);
        o20.intoArray(outputs, at2);
        o21.intoArray(outputs, at2 + LANES);
        o30.intoArray(outputs, at3);
        o31.intoArray(outputs, at3 + LANES);
    }

    private static void multiply4x1(MemorySegment page, int from, int to, int dimension, int dim, int rows, float[] weights, int shift,
            float[] outputs, int outAt) {
        MemorySegment view = VectorSupport.view(page);
        long base = VectorSupport.base(page) + 2L * dimension;
        int at0 = outAt + dimension;
        int at1 = at0 + dim;
        int at2 = at1 + dim;
        int at3 = at2 + dim;
        FloatVector o0 = FloatVector.fromArray(FLOATS, outputs, at0);
        FloatVector o1 = FloatVector.fromArray(FLOATS, outputs, at1);
        FloatVector o2 = FloatVector.fromArray(FLOATS, outputs, at2);
        FloatVector o3 = FloatVector.fromArray(FLOATS, outputs, at3);
        for (int key = from; key < to; key++) {
            FloatVector v = ((IntVector) ShortVector.fromMemorySegment(SHORTS, view, base + 2L * key * dim, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0)).lanewise(VectorOperators.LSHL, SHIFT).lanewise(VectorOperators.AND, MASK)
                    .reinterpretAsFloats();
            o0 = FloatVector.broadcast(FLOATS, weights[shift + key]).fma(v, o0);
            if (rows > 1) {
                o1 = FloatVector.broadcast(FLOATS, weights[BLOCK + shift + key]).fma(v, o1);
            }
            if (rows > 2) {
                o2 = FloatVector.broadcast(FLOATS, weights[2 * BLOCK + shift + key]).fma(v, o2);
            }
            if (rows > 3) {
                o3 = FloatVector.broadcast(FLOATS, weights[3 * BLOCK + shift + key]).fma(v, o3);
            }
        }
        o0.intoArray(outputs, at0);
        o1.intoArray(outputs, at1);
        o2.intoArray(outputs, at2);
        o3.intoArray(outputs, at3);
    }
}
