package dev.winnow.cpu.kernel;

import dev.winnow.spi.AttentionMask;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** O += PV for one block: weights of rows × keys, values of keys × dimensions. The lanes of a vector are dimensions of a value. */
public final class ValueKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = AttentionMask.BLOCK_KEYS;

    private ValueKernel() {}

    /**
     * Adds the weighted values of {@code keys} keys to {@code rows} outputs, which whole {@link RowTiles} make. Lanes between the value's
     * dimension and {@code stride} receive numbers without meaning, because vectors reach into the next value there.
     *
     * @param weights [rows][64] at {@code weightAt}
     * @param values  [keys][dim] at {@code valueAt}, followed by room for a vector
     * @param outputs [rows][stride] at {@code outAt}
     * @param stride  {@code dim} rounded up to whole vectors
     */
    public static void multiply(float[] weights, int weightAt, int rows, int keys, float[] values, int valueAt, int dim, float[] outputs,
            int outAt, int stride) {
        for (int c = 0; c < stride; c += 2 * LANES) {
            boolean two = c + 2 * LANES <= stride;
            for (int row = 0; row < rows;) {
                int tileRows = RowTiles.rowsOfNext(rows - row);
                int from = weightAt + row * BLOCK;
                int to = outAt + row * stride + c;
                if (tileRows > RowTiles.FEW) {
                    if (two) {
                        multiply6x2(weights, from, keys, values, valueAt + c, dim, outputs, to, stride);
                    } else {
                        multiply6x1(weights, from, keys, values, valueAt + c, dim, outputs, to, stride);
                    }
                } else if (two) {
                    multiply4x2(weights, from, keys, values, valueAt + c, dim, outputs, to, stride);
                } else {
                    multiply4x1(weights, from, keys, values, valueAt + c, dim, outputs, to, stride);
                }
                row += tileRows;
            }
        }
    }

    private static void multiply6x2(float[] p, int pAt, int keys, float[] v, int vAt, int dim, float[] o, int at, int stride) {
        int at1 = at + stride;
        int at2 = at1 + stride;
        int at3 = at2 + stride;
        int at4 = at3 + stride;
        int at5 = at4 + stride;
        FloatVector o00 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o01 = FloatVector.fromArray(FLOATS, o, at + LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, o, at1);
        FloatVector o11 = FloatVector.fromArray(FLOATS, o, at1 + LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, o, at2);
        FloatVector o21 = FloatVector.fromArray(FLOATS, o, at2 + LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, o, at3);
        FloatVector o31 = FloatVector.fromArray(FLOATS, o, at3 + LANES);
        FloatVector o40 = FloatVector.fromArray(FLOATS, o, at4);
        FloatVector o41 = FloatVector.fromArray(FLOATS, o, at4 + LANES);
        FloatVector o50 = FloatVector.fromArray(FLOATS, o, at5);
        FloatVector o51 = FloatVector.fromArray(FLOATS, o, at5 + LANES);
        for (int key = 0; key < keys; key++) {
            int vKey = vAt + key * dim;
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vKey);
            FloatVector v1 = FloatVector.fromArray(FLOATS, v, vKey + LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, p[pAt + key]);
            o00 = weight.fma(v0, o00);
            o01 = weight.fma(v1, o01);
            weight = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]);
            o10 = weight.fma(v0, o10);
            o11 = weight.fma(v1, o11);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]);
            o20 = weight.fma(v0, o20);
            o21 = weight.fma(v1, o21);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]);
            o30 = weight.fma(v0, o30);
            o31 = weight.fma(v1, o31);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 4 * BLOCK + key]);
            o40 = weight.fma(v0, o40);
            o41 = weight.fma(v1, o41);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 5 * BLOCK + key]);
            o50 = weight.fma(v0, o50);
            o51 = weight.fma(v1, o51);
        }
        o00.intoArray(o, at);
        o01.intoArray(o, at + LANES);
        o10.intoArray(o, at1);
        o11.intoArray(o, at1 + LANES);
        o20.intoArray(o, at2);
        o21.intoArray(o, at2 + LANES);
        o30.intoArray(o, at3);
        o31.intoArray(o, at3 + LANES);
        o40.intoArray(o, at4);
        o41.intoArray(o, at4 + LANES);
        o50.intoArray(o, at5);
        o51.intoArray(o, at5 + LANES);
    }

    private static void multiply6x1(float[] p, int pAt, int keys, float[] v, int vAt, int dim, float[] o, int at, int stride) {
        int at1 = at + stride;
        int at2 = at1 + stride;
        int at3 = at2 + stride;
        int at4 = at3 + stride;
        int at5 = at4 + stride;
        FloatVector o0 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o1 = FloatVector.fromArray(FLOATS, o, at1);
        FloatVector o2 = FloatVector.fromArray(FLOATS, o, at2);
        FloatVector o3 = FloatVector.fromArray(FLOATS, o, at3);
        FloatVector o4 = FloatVector.fromArray(FLOATS, o, at4);
        FloatVector o5 = FloatVector.fromArray(FLOATS, o, at5);
        for (int key = 0; key < keys; key++) {
            int vKey = vAt + key * dim;
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vKey);
            FloatVector weight = FloatVector.broadcast(FLOATS, p[pAt + key]);
            o0 = weight.fma(v0, o0);
            weight = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]);
            o1 = weight.fma(v0, o1);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]);
            o2 = weight.fma(v0, o2);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]);
            o3 = weight.fma(v0, o3);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 4 * BLOCK + key]);
            o4 = weight.fma(v0, o4);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 5 * BLOCK + key]);
            o5 = weight.fma(v0, o5);
        }
        o0.intoArray(o, at);
        o1.intoArray(o, at1);
        o2.intoArray(o, at2);
        o3.intoArray(o, at3);
        o4.intoArray(o, at4);
        o5.intoArray(o, at5);
    }

    private static void multiply4x2(float[] p, int pAt, int keys, float[] v, int vAt, int dim, float[] o, int at, int stride) {
        int at1 = at + stride;
        int at2 = at1 + stride;
        int at3 = at2 + stride;
        FloatVector o00 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o01 = FloatVector.fromArray(FLOATS, o, at + LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, o, at1);
        FloatVector o11 = FloatVector.fromArray(FLOATS, o, at1 + LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, o, at2);
        FloatVector o21 = FloatVector.fromArray(FLOATS, o, at2 + LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, o, at3);
        FloatVector o31 = FloatVector.fromArray(FLOATS, o, at3 + LANES);
        for (int key = 0; key < keys; key++) {
            int vKey = vAt + key * dim;
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vKey);
            FloatVector v1 = FloatVector.fromArray(FLOATS, v, vKey + LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, p[pAt + key]);
            o00 = weight.fma(v0, o00);
            o01 = weight.fma(v1, o01);
            weight = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]);
            o10 = weight.fma(v0, o10);
            o11 = weight.fma(v1, o11);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]);
            o20 = weight.fma(v0, o20);
            o21 = weight.fma(v1, o21);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]);
            o30 = weight.fma(v0, o30);
            o31 = weight.fma(v1, o31);
        }
        o00.intoArray(o, at);
        o01.intoArray(o, at + LANES);
        o10.intoArray(o, at1);
        o11.intoArray(o, at1 + LANES);
        o20.intoArray(o, at2);
        o21.intoArray(o, at2 + LANES);
        o30.intoArray(o, at3);
        o31.intoArray(o, at3 + LANES);
    }

    private static void multiply4x1(float[] p, int pAt, int keys, float[] v, int vAt, int dim, float[] o, int at, int stride) {
        int at1 = at + stride;
        int at2 = at1 + stride;
        int at3 = at2 + stride;
        FloatVector o0 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o1 = FloatVector.fromArray(FLOATS, o, at1);
        FloatVector o2 = FloatVector.fromArray(FLOATS, o, at2);
        FloatVector o3 = FloatVector.fromArray(FLOATS, o, at3);
        for (int key = 0; key < keys; key++) {
            int vKey = vAt + key * dim;
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vKey);
            FloatVector weight = FloatVector.broadcast(FLOATS, p[pAt + key]);
            o0 = weight.fma(v0, o0);
            weight = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]);
            o1 = weight.fma(v0, o1);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]);
            o2 = weight.fma(v0, o2);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]);
            o3 = weight.fma(v0, o3);
        }
        o0.intoArray(o, at);
        o1.intoArray(o, at1);
        o2.intoArray(o, at2);
        o3.intoArray(o, at3);
    }
}
