package dev.winnow.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** O += PV for one block: weights of rows × keys, values of keys × dimensions. The lanes of a vector are dimensions of a value. */
final class ValueKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final int BLOCK = AttentionScratch.BLOCK;

    /** Vectors of dimensions in a tile: 4 × 4 sums need more registers than CPUs with 256-bit vectors have. */
    private static final int TILE_VECTORS = LANES == 8 ? 2 : 4;

    private ValueKernel() {}

    /**
     * Adds the weighted values of {@code keys} keys to {@code rows} outputs, a multiple of {@link AttentionScratch#ROW_TILE}. Lanes between the value's
     * dimension and {@code stride} receive numbers without meaning, because vectors reach into the next value there.
     *
     * @param weights [rows][64] at {@code weightAt}
     * @param values  [keys][dim] at {@code valueAt}, followed by room for a vector
     * @param outputs [rows][stride] at {@code outAt}
     * @param stride  {@code dim} rounded up to whole vectors
     */
    static void multiply(float[] weights, int weightAt, int rows, int keys, float[] values, int valueAt, int dim, float[] outputs,
            int outAt, int stride) {
        int c = 0;
        for (; TILE_VECTORS == 4 && c <= stride - 4 * LANES; c += 4 * LANES) {
            for (int row = 0; row < rows; row += AttentionScratch.ROW_TILE) {
                multiply4x4(weights, weightAt + row * BLOCK, keys, values, valueAt + c, dim, outputs, outAt + row * stride + c, stride);
            }
        }
        for (; c <= stride - 2 * LANES; c += 2 * LANES) {
            for (int row = 0; row < rows; row += AttentionScratch.ROW_TILE) {
                multiply4x2(weights, weightAt + row * BLOCK, keys, values, valueAt + c, dim, outputs, outAt + row * stride + c, stride);
            }
        }
        for (; c < stride; c += LANES) {
            for (int row = 0; row < rows; row += AttentionScratch.ROW_TILE) {
                multiply4x1(weights, weightAt + row * BLOCK, keys, values, valueAt + c, dim, outputs, outAt + row * stride + c, stride);
            }
        }
    }

    private static void multiply4x4(float[] p, int pAt, int keys, float[] v, int vAt, int dim, float[] o, int at, int stride) {
        int at1 = at + stride;
        int at2 = at1 + stride;
        int at3 = at2 + stride;
        FloatVector o00 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o01 = FloatVector.fromArray(FLOATS, o, at + LANES);
        FloatVector o02 = FloatVector.fromArray(FLOATS, o, at + 2 * LANES);
        FloatVector o03 = FloatVector.fromArray(FLOATS, o, at + 3 * LANES);
        FloatVector o10 = FloatVector.fromArray(FLOATS, o, at1);
        FloatVector o11 = FloatVector.fromArray(FLOATS, o, at1 + LANES);
        FloatVector o12 = FloatVector.fromArray(FLOATS, o, at1 + 2 * LANES);
        FloatVector o13 = FloatVector.fromArray(FLOATS, o, at1 + 3 * LANES);
        FloatVector o20 = FloatVector.fromArray(FLOATS, o, at2);
        FloatVector o21 = FloatVector.fromArray(FLOATS, o, at2 + LANES);
        FloatVector o22 = FloatVector.fromArray(FLOATS, o, at2 + 2 * LANES);
        FloatVector o23 = FloatVector.fromArray(FLOATS, o, at2 + 3 * LANES);
        FloatVector o30 = FloatVector.fromArray(FLOATS, o, at3);
        FloatVector o31 = FloatVector.fromArray(FLOATS, o, at3 + LANES);
        FloatVector o32 = FloatVector.fromArray(FLOATS, o, at3 + 2 * LANES);
        FloatVector o33 = FloatVector.fromArray(FLOATS, o, at3 + 3 * LANES);
        for (int key = 0; key < keys; key++) {
            int vKey = vAt + key * dim;
            FloatVector v0 = FloatVector.fromArray(FLOATS, v, vKey);
            FloatVector v1 = FloatVector.fromArray(FLOATS, v, vKey + LANES);
            FloatVector v2 = FloatVector.fromArray(FLOATS, v, vKey + 2 * LANES);
            FloatVector v3 = FloatVector.fromArray(FLOATS, v, vKey + 3 * LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, p[pAt + key]);
            o00 = weight.fma(v0, o00);
            o01 = weight.fma(v1, o01);
            o02 = weight.fma(v2, o02);
            o03 = weight.fma(v3, o03);
            weight = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]);
            o10 = weight.fma(v0, o10);
            o11 = weight.fma(v1, o11);
            o12 = weight.fma(v2, o12);
            o13 = weight.fma(v3, o13);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]);
            o20 = weight.fma(v0, o20);
            o21 = weight.fma(v1, o21);
            o22 = weight.fma(v2, o22);
            o23 = weight.fma(v3, o23);
            weight = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]);
            o30 = weight.fma(v0, o30);
            o31 = weight.fma(v1, o31);
            o32 = weight.fma(v2, o32);
            o33 = weight.fma(v3, o33);
        }
        o00.intoArray(o, at);
        o01.intoArray(o, at + LANES);
        o02.intoArray(o, at + 2 * LANES);
        o03.intoArray(o, at + 3 * LANES);
        o10.intoArray(o, at1);
        o11.intoArray(o, at1 + LANES);
        o12.intoArray(o, at1 + 2 * LANES);
        o13.intoArray(o, at1 + 3 * LANES);
        o20.intoArray(o, at2);
        o21.intoArray(o, at2 + LANES);
        o22.intoArray(o, at2 + 2 * LANES);
        o23.intoArray(o, at2 + 3 * LANES);
        o30.intoArray(o, at3);
        o31.intoArray(o, at3 + LANES);
        o32.intoArray(o, at3 + 2 * LANES);
        o33.intoArray(o, at3 + 3 * LANES);
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
        FloatVector o0 = FloatVector.fromArray(FLOATS, o, at);
        FloatVector o1 = FloatVector.fromArray(FLOATS, o, at + stride);
        FloatVector o2 = FloatVector.fromArray(FLOATS, o, at + 2 * stride);
        FloatVector o3 = FloatVector.fromArray(FLOATS, o, at + 3 * stride);
        for (int key = 0; key < keys; key++) {
            FloatVector value = FloatVector.fromArray(FLOATS, v, vAt + key * dim);
            o0 = FloatVector.broadcast(FLOATS, p[pAt + key]).fma(value, o0);
            o1 = FloatVector.broadcast(FLOATS, p[pAt + BLOCK + key]).fma(value, o1);
            o2 = FloatVector.broadcast(FLOATS, p[pAt + 2 * BLOCK + key]).fma(value, o2);
            o3 = FloatVector.broadcast(FLOATS, p[pAt + 3 * BLOCK + key]).fma(value, o3);
        }
        o0.intoArray(o, at);
        o1.intoArray(o, at + stride);
        o2.intoArray(o, at + 2 * stride);
        o3.intoArray(o, at + 3 * stride);
    }
}
