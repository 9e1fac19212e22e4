package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Small dense products of row-major F32 matrices, as tiles of 2 × 4 dot products. */
public final class SmallProduct {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private SmallProduct() {}

    public static void multiply(float[] a, int aOffset, int aStride, int m, float[] b, int bOffset, int bStride, int n, int k, float[] out,
            int outOffset, int outStride) {
        int i = 0;
        for (; i + 2 <= m; i += 2) {
            int j = 0;
            for (; j + 4 <= n; j += 4) {
                twoByFour(a, aOffset + i * aStride, aStride, b, bOffset + j * bStride, bStride, k, out, outOffset + i * outStride + j,
                        outStride);
            }
            for (; j < n; j++) {
                out[outOffset + i * outStride + j] = dot(a, aOffset + i * aStride, b, bOffset + j * bStride, k);
                out[outOffset + (i + 1) * outStride + j] = dot(a, aOffset + (i + 1) * aStride, b, bOffset + j * bStride, k);
            }
        }
        for (int j = 0; i < m && j < n; j++) {
            out[outOffset + i * outStride + j] = dot(a, aOffset + i * aStride, b, bOffset + j * bStride, k);
        }
    }

    private static void twoByFour(float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, int k, float[] out, int at,
            int outStride) {
        FloatVector p0 = FloatVector.zero(FLOATS), p1 = p0, p2 = p0, p3 = p0;
        FloatVector q0 = p0, q1 = p0, q2 = p0, q3 = p0;
        int c = 0;
        for (; c < FLOATS.loopBound(k); c += LANES) {
            FloatVector p = FloatVector.fromArray(FLOATS, a, aAt + c);
            FloatVector q = FloatVector.fromArray(FLOATS, a, aAt + aStride + c);
            FloatVector v = FloatVector.fromArray(FLOATS, b, bAt + c);
            p0 = p.fma(v, p0);
            q0 = q.fma(v, q0);
            v = FloatVector.fromArray(FLOATS, b, bAt + bStride + c);
            p1 = p.fma(v, p1);
            q1 = q.fma(v, q1);
            v = FloatVector.fromArray(FLOATS, b, bAt + 2 * bStride + c);
            p2 = p.fma(v, p2);
            q2 = q.fma(v, q2);
            v = FloatVector.fromArray(FLOATS, b, bAt + 3 * bStride + c);
            p3 = p.fma(v, p3);
            q3 = q.fma(v, q3);
        }
        out[at] = VectorSupport.sumLanes(p0) + tail(a, aAt, b, bAt, c, k);
        out[at + 1] = VectorSupport.sumLanes(p1) + tail(a, aAt, b, bAt + bStride, c, k);
        out[at + 2] = VectorSupport.sumLanes(p2) + tail(a, aAt, b, bAt + 2 * bStride, c, k);
        out[at + 3] = VectorSupport.sumLanes(p3) + tail(a, aAt, b, bAt + 3 * bStride, c, k);
        int next = at + outStride;
        int aNext = aAt + aStride;
        out[next] = VectorSupport.sumLanes(q0) + tail(a, aNext, b, bAt, c, k);
        out[next + 1] = VectorSupport.sumLanes(q1) + tail(a, aNext, b, bAt + bStride, c, k);
        out[next + 2] = VectorSupport.sumLanes(q2) + tail(a, aNext, b, bAt + 2 * bStride, c, k);
        out[next + 3] = VectorSupport.sumLanes(q3) + tail(a, aNext, b, bAt + 3 * bStride, c, k);
    }

    private static float dot(float[] a, int aAt, float[] b, int bAt, int k) {
        FloatVector sum = FloatVector.zero(FLOATS);
        int c = 0;
        for (; c < FLOATS.loopBound(k); c += LANES) {
            sum = FloatVector.fromArray(FLOATS, a, aAt + c).fma(FloatVector.fromArray(FLOATS, b, bAt + c), sum);
        }
        return VectorSupport.sumLanes(sum) + tail(a, aAt, b, bAt, c, k);
    }

    private static float tail(float[] a, int aAt, float[] b, int bAt, int from, int k) {
        float sum = 0;
        for (int c = from; c < k; c++) {
            sum = Math.fma(a[aAt + c], b[bAt + c], sum);
        }
        return sum;
    }
}
