package dev.winnow.cpu.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The two passes of an RMS norm. */
public final class NormKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final VectorSpecies<Double> DOUBLES = FLOATS.withLanes(double.class);
    private static final int LANES = VectorSupport.LANES;

    private NormKernel() {}

    /** Returns Σ x², summed in double precision: the F32 sum of a model's widest vectors would be off by 1e-6. */
    public static double sumOfSquares(float[] x, int at, int n) {
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = low;
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector floats = FloatVector.fromArray(FLOATS, x, at + i);
            DoubleVector first = (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 0);
            DoubleVector second = (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 1);
            low = first.fma(first, low);
            high = second.fma(second, high);
        }
        double sum = sumOfLanes(DoubleVector.zero(DOUBLES).add(low).add(high));
        for (; i < n; i++) {
            sum = Math.fma((double) x[at + i], (double) x[at + i], sum);
        }
        return sum;
    }

    /** Adds the lanes in a fixed order, which the Vector API's own sum leaves open, and with it the last bits. */
    private static double sumOfLanes(DoubleVector x) {
        double sum = x.lane(0) + x.lane(1);
        if (LANES > 4) {
            sum += x.lane(2) + x.lane(3);
        }
        if (LANES > 8) {
            sum += (x.lane(4) + x.lane(5)) + (x.lane(6) + x.lane(7));
        }
        return sum;
    }

    /** out = x · factor · weight. */
    public static void scale(float[] x, int xAt, float factor, float[] weight, int n, float[] out, int outAt) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).mul(factor).mul(FloatVector.fromArray(FLOATS, weight, i)).intoArray(out, outAt + i);
        }
        for (; i < n; i++) {
            out[outAt + i] = x[xAt + i] * factor * weight[i];
        }
    }
}
