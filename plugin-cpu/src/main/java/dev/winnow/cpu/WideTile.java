package dev.winnow.cpu;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of up to 6 tokens × 4 vectors of rows, for CPUs with 32 vector registers: 24 accumulators, 4 weights and an activation. Accumulators are
 * named variables, because C2 does not keep an array of vectors in registers. Every output is the sum over columns in their order, whichever tile it is in.
 */
final class WideTile {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int VECTOR_BYTES = LANES * Float.BYTES;

    private WideTile() {}

    static void six(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output, int outStride,
            boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        FloatVector c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        FloatVector d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        FloatVector e0 = a0, e1 = a0, e2 = a0, e3 = a0;
        FloatVector f0 = a0, f1 = a0, f2 = a0, f3 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, memory, column + 2 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, memory, column + 3 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * xStride + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * xStride + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
            v = FloatVector.broadcast(FLOATS, x[input + 4 * xStride + k]);
            e0 = v.fma(w0, e0);
            e1 = v.fma(w1, e1);
            e2 = v.fma(w2, e2);
            e3 = v.fma(w3, e3);
            v = FloatVector.broadcast(FLOATS, x[input + 5 * xStride + k]);
            f0 = v.fma(w0, f0);
            f1 = v.fma(w1, f1);
            f2 = v.fma(w2, f2);
            f3 = v.fma(w3, f3);
        }
        if (add) {
            a0 = a0.add(FloatVector.fromArray(FLOATS, out, output));
            a1 = a1.add(FloatVector.fromArray(FLOATS, out, output + LANES));
            a2 = a2.add(FloatVector.fromArray(FLOATS, out, output + 2 * LANES));
            a3 = a3.add(FloatVector.fromArray(FLOATS, out, output + 3 * LANES));
            b0 = b0.add(FloatVector.fromArray(FLOATS, out, output + outStride));
            b1 = b1.add(FloatVector.fromArray(FLOATS, out, output + outStride + LANES));
            b2 = b2.add(FloatVector.fromArray(FLOATS, out, output + outStride + 2 * LANES));
            b3 = b3.add(FloatVector.fromArray(FLOATS, out, output + outStride + 3 * LANES));
            c0 = c0.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride));
            c1 = c1.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + LANES));
            c2 = c2.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + 2 * LANES));
            c3 = c3.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + 3 * LANES));
            d0 = d0.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride));
            d1 = d1.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + LANES));
            d2 = d2.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + 2 * LANES));
            d3 = d3.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + 3 * LANES));
            e0 = e0.add(FloatVector.fromArray(FLOATS, out, output + 4 * outStride));
            e1 = e1.add(FloatVector.fromArray(FLOATS, out, output + 4 * outStride + LANES));
            e2 = e2.add(FloatVector.fromArray(FLOATS, out, output + 4 * outStride + 2 * LANES));
            e3 = e3.add(FloatVector.fromArray(FLOATS, out, output + 4 * outStride + 3 * LANES));
            f0 = f0.add(FloatVector.fromArray(FLOATS, out, output + 5 * outStride));
            f1 = f1.add(FloatVector.fromArray(FLOATS, out, output + 5 * outStride + LANES));
            f2 = f2.add(FloatVector.fromArray(FLOATS, out, output + 5 * outStride + 2 * LANES));
            f3 = f3.add(FloatVector.fromArray(FLOATS, out, output + 5 * outStride + 3 * LANES));
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        a2.intoArray(out, output + 2 * LANES);
        a3.intoArray(out, output + 3 * LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
        b2.intoArray(out, output + outStride + 2 * LANES);
        b3.intoArray(out, output + outStride + 3 * LANES);
        c0.intoArray(out, output + 2 * outStride);
        c1.intoArray(out, output + 2 * outStride + LANES);
        c2.intoArray(out, output + 2 * outStride + 2 * LANES);
        c3.intoArray(out, output + 2 * outStride + 3 * LANES);
        d0.intoArray(out, output + 3 * outStride);
        d1.intoArray(out, output + 3 * outStride + LANES);
        d2.intoArray(out, output + 3 * outStride + 2 * LANES);
        d3.intoArray(out, output + 3 * outStride + 3 * LANES);
        e0.intoArray(out, output + 4 * outStride);
        e1.intoArray(out, output + 4 * outStride + LANES);
        e2.intoArray(out, output + 4 * outStride + 2 * LANES);
        e3.intoArray(out, output + 4 * outStride + 3 * LANES);
        f0.intoArray(out, output + 5 * outStride);
        f1.intoArray(out, output + 5 * outStride + LANES);
        f2.intoArray(out, output + 5 * outStride + 2 * LANES);
        f3.intoArray(out, output + 5 * outStride + 3 * LANES);
    }

    static void four(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output,
            int outStride, boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        FloatVector c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        FloatVector d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, memory, column + 2 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, memory, column + 3 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
            v = FloatVector.broadcast(FLOATS, x[input + 2 * xStride + k]);
            c0 = v.fma(w0, c0);
            c1 = v.fma(w1, c1);
            c2 = v.fma(w2, c2);
            c3 = v.fma(w3, c3);
            v = FloatVector.broadcast(FLOATS, x[input + 3 * xStride + k]);
            d0 = v.fma(w0, d0);
            d1 = v.fma(w1, d1);
            d2 = v.fma(w2, d2);
            d3 = v.fma(w3, d3);
        }
        if (add) {
            a0 = a0.add(FloatVector.fromArray(FLOATS, out, output));
            a1 = a1.add(FloatVector.fromArray(FLOATS, out, output + LANES));
            a2 = a2.add(FloatVector.fromArray(FLOATS, out, output + 2 * LANES));
            a3 = a3.add(FloatVector.fromArray(FLOATS, out, output + 3 * LANES));
            b0 = b0.add(FloatVector.fromArray(FLOATS, out, output + outStride));
            b1 = b1.add(FloatVector.fromArray(FLOATS, out, output + outStride + LANES));
            b2 = b2.add(FloatVector.fromArray(FLOATS, out, output + outStride + 2 * LANES));
            b3 = b3.add(FloatVector.fromArray(FLOATS, out, output + outStride + 3 * LANES));
            c0 = c0.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride));
            c1 = c1.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + LANES));
            c2 = c2.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + 2 * LANES));
            c3 = c3.add(FloatVector.fromArray(FLOATS, out, output + 2 * outStride + 3 * LANES));
            d0 = d0.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride));
            d1 = d1.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + LANES));
            d2 = d2.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + 2 * LANES));
            d3 = d3.add(FloatVector.fromArray(FLOATS, out, output + 3 * outStride + 3 * LANES));
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        a2.intoArray(out, output + 2 * LANES);
        a3.intoArray(out, output + 3 * LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
        b2.intoArray(out, output + outStride + 2 * LANES);
        b3.intoArray(out, output + outStride + 3 * LANES);
        c0.intoArray(out, output + 2 * outStride);
        c1.intoArray(out, output + 2 * outStride + LANES);
        c2.intoArray(out, output + 2 * outStride + 2 * LANES);
        c3.intoArray(out, output + 2 * outStride + 3 * LANES);
        d0.intoArray(out, output + 3 * outStride);
        d1.intoArray(out, output + 3 * outStride + LANES);
        d2.intoArray(out, output + 3 * outStride + 2 * LANES);
        d3.intoArray(out, output + 3 * outStride + 3 * LANES);
    }

    static void two(MemorySegment panel, long group, int columns, float[] x, int input, int xStride, float[] out, int output, int outStride,
            boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        FloatVector b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, memory, column + 2 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, memory, column + 3 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
            v = FloatVector.broadcast(FLOATS, x[input + xStride + k]);
            b0 = v.fma(w0, b0);
            b1 = v.fma(w1, b1);
            b2 = v.fma(w2, b2);
            b3 = v.fma(w3, b3);
        }
        if (add) {
            a0 = a0.add(FloatVector.fromArray(FLOATS, out, output));
            a1 = a1.add(FloatVector.fromArray(FLOATS, out, output + LANES));
            a2 = a2.add(FloatVector.fromArray(FLOATS, out, output + 2 * LANES));
            a3 = a3.add(FloatVector.fromArray(FLOATS, out, output + 3 * LANES));
            b0 = b0.add(FloatVector.fromArray(FLOATS, out, output + outStride));
            b1 = b1.add(FloatVector.fromArray(FLOATS, out, output + outStride + LANES));
            b2 = b2.add(FloatVector.fromArray(FLOATS, out, output + outStride + 2 * LANES));
            b3 = b3.add(FloatVector.fromArray(FLOATS, out, output + outStride + 3 * LANES));
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        a2.intoArray(out, output + 2 * LANES);
        a3.intoArray(out, output + 3 * LANES);
        b0.intoArray(out, output + outStride);
        b1.intoArray(out, output + outStride + LANES);
        b2.intoArray(out, output + outStride + 2 * LANES);
        b3.intoArray(out, output + outStride + 3 * LANES);
    }

    static void one(MemorySegment panel, long group, int columns, float[] x, int input, float[] out, int output, boolean add) {
        MemorySegment memory = VectorSupport.view(panel);
        long base = (VectorSupport.base(panel) + group) & VectorSupport.ADDRESSES;
        FloatVector a0 = FloatVector.zero(FLOATS), a1 = a0, a2 = a0, a3 = a0;
        for (int k = 0; k < columns; k++) {
            long column = base + (long) k * Panel.COLUMN_BYTES;
            FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, memory, column, LITTLE_ENDIAN);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, memory, column + VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, memory, column + 2 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, memory, column + 3 * VECTOR_BYTES, LITTLE_ENDIAN);
            FloatVector v = FloatVector.broadcast(FLOATS, x[input + k]);
            a0 = v.fma(w0, a0);
            a1 = v.fma(w1, a1);
            a2 = v.fma(w2, a2);
            a3 = v.fma(w3, a3);
        }
        if (add) {
            a0 = a0.add(FloatVector.fromArray(FLOATS, out, output));
            a1 = a1.add(FloatVector.fromArray(FLOATS, out, output + LANES));
            a2 = a2.add(FloatVector.fromArray(FLOATS, out, output + 2 * LANES));
            a3 = a3.add(FloatVector.fromArray(FLOATS, out, output + 3 * LANES));
        }
        a0.intoArray(out, output);
        a1.intoArray(out, output + LANES);
        a2.intoArray(out, output + 2 * LANES);
        a3.intoArray(out, output + 3 * LANES);
    }
}
