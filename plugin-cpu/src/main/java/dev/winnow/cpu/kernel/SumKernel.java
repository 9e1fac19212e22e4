package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums and products of two vectors, or of a vector and a number. */
public final class SumKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private SumKernel() {}

    public static void add(float[] x, int xAt, float[] y, int yAt, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).add(FloatVector.fromArray(FLOATS, y, yAt + i)).intoArray(x, xAt + i);
        }
        for (; i < n; i++) {
            x[xAt + i] += y[yAt + i];
        }
    }

    public static void scale(float[] x, int xAt, int n, float factor) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).mul(factor).intoArray(x, xAt + i);
        }
        for (; i < n; i++) {
            x[xAt + i] *= factor;
        }
    }

    public static void addScaled(float[] x, int xAt, float[] y, int yAt, int n, float factor) {
        FloatVector factors = FloatVector.broadcast(FLOATS, factor);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, y, yAt + i).fma(factors, FloatVector.fromArray(FLOATS, x, xAt + i)).intoArray(x, xAt + i);
        }
        for (; i < n; i++) {
            x[xAt + i] = Math.fma(y[yAt + i], factor, x[xAt + i]);
        }
    }
}
