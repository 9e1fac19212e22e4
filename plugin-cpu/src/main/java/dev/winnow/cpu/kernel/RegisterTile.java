package dev.winnow.cpu.kernel;

import static dev.winnow.cpu.kernel.VectorSupport.VECTOR_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of up to 6 tokens × 2 vectors of rows. 12 accumulators keep both multiply-add units of AVX-512 as busy as 24 do; with 16 registers there are
 * tiles of up to 4 tokens ({@link VectorSupport#MANY_REGISTERS}). Accumulators are named variables, because C2 does not keep an array of vectors in registers. Every output is the
 * sum over columns in their order, whichever tile it is in.
 */
final class RegisterTile {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private RegisterTile() {}

    static void six(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output, int outStride,
            boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0;
        FloatVector b0 = a0, b1 = a0;
        FloatVector c0 = a0, c1 = a0;
        FloatVector d0 = a0, d1 = a0;
        FloatVector e0 = a0, e1 = a0;
        FloatVector f0 = a0, f1 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * xStride + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * xStride + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            v = FloatVector.broadcast(FLOATS, x[input + 4 * xStride + k]);
            e0 = v.fma(w0, e0);
            e1 = v.fma(w1, e1);
            v = FloatVector.broadcast(FLOATS, x[input + 5 * xStride + k]);
            f0 = v.fma(w0, f0);
            f1 = v.fma(w1, f1);
        }
        if (add) {
            a0 = FloatVector.fromArray(FLOATS, out, output).add(a0);
            a1 = FloatVector.fromArray(FLOATS, out, output + LANES).add(a1);
            b0 = FloatVector.fromArray(FLOATS, out, output + outStride).add(b0);
            b1 = FloatVector.fromArray(FLOATS, out, output + outStride + LANES).add(b1);
            c0 = FloatVector.fromArray(FLOATS, out, output + 2 * outStride).add(c0);
            c1 = FloatVector.fromArray(FLOATS, out, output + 2 * outStride + LANES).add(c1);
            d0 = FloatVector.fromArray(FLOATS, out, output + 3 * outStride).add(d0);
            d1 = FloatVector.fromArray(FLOATS, out, output + 3 * outStride + LANES).add(d1);
            e0 = FloatVector.fromArray(FLOATS, out, output + 4 * outStride).add(e0);
            e1 = FloatVector.fromArray(FLOATS, out, output + 4 * outStride + LANES).add(e1);
            f0 = FloatVector.fromArray(FLOATS, out, output + 5 * outStride).add(f0);
            f1 = FloatVector.fromArray(FLOATS, out, output + 5 * outStride + LANES).add(f1);
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
        c0.intoArray(out, output + 2 * outStride);
        c1.intoArray(out, output + 2 * outStride + LANES);
        d0.intoArray(out, output + 3 * outStride);
        d1.intoArray(out, output + 3 * outStride + LANES);
        e0.intoArray(out, output + 4 * outStride);
        e1.intoArray(out, output + 4 * outStride + LANES);
        f0.intoArray(out, output + 5 * outStride);
        f1.intoArray(out, output + 5 * outStride + LANES);
    }

    static void four(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output,
            int outStride, boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0;
        FloatVector b0 = a0, b1 = a0;
        FloatVector c0 = a0, c1 = a0;
        FloatVector d0 = a0, d1 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * xStride + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * xStride + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
        }
        if (add) {
            a0 = FloatVector.fromArray(FLOATS, out, output).add(a0);
            a1 = FloatVector.fromArray(FLOATS, out, output + LANES).add(a1);
            b0 = FloatVector.fromArray(FLOATS, out, output + outStride).add(b0);
            b1 = FloatVector.fromArray(FLOATS, out, output + outStride + LANES).add(b1);
            c0 = FloatVector.fromArray(FLOATS, out, output + 2 * outStride).add(c0);
            c1 = FloatVector.fromArray(FLOATS, out, output + 2 * outStride + LANES).add(c1);
            d0 = FloatVector.fromArray(FLOATS, out, output + 3 * outStride).add(d0);
            d1 = FloatVector.fromArray(FLOATS, out, output + 3 * outStride + LANES).add(d1);
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
        c0.intoArray(out, output + 2 * outStride);
        c1.intoArray(out, output + 2 * outStride + LANES);
        d0.intoArray(out, output + 3 * outStride);
        d1.intoArray(out, output + 3 * outStride + LANES);
    }

    static void two(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output, int outStride,
            boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0;
        FloatVector b0 = a0, b1 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
        }
        if (add) {
            a0 = FloatVector.fromArray(FLOATS, out, output).add(a0);
            a1 = FloatVector.fromArray(FLOATS, out, output + LANES).add(a1);
            b0 = FloatVector.fromArray(FLOATS, out, output + outStride).add(b0);
            b1 = FloatVector.fromArray(FLOATS, out, output + outStride + LANES).add(b1);
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
    }

    static void one(MemorySegment panel, long group, int columns, float[] x, int input, float[] out, int output, boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
        }
        if (add) {
            a0 = FloatVector.fromArray(FLOATS, out, output).add(a0);
            a1 = FloatVector.fromArray(FLOATS, out, output + LANES).add(a1);
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
    }
}
