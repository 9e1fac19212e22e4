package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The softmax of a row of scores, summed up by groups of neighbours. */
public final class SoftmaxKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private SoftmaxKernel() {}

    /** Computes what {@link dev.winnow.spi.ElementwiseBackend#addSoftmax} describes. */
    public static void add(float[] x, int at, int n, int group, float[] sums, int sumAt) {
        float max = max(x, at, n);
        if (max == Float.NEGATIVE_INFINITY && !Float.isNaN(total(x, at, n))) {
            return;
        }
        exponentials(x, at, n, max);
        float share = 1 / total(x, at, n);
        if (group == 1) {
            SumKernel.addScaled(sums, sumAt, x, at, n, share);
            return;
        }
        for (int from = 0, g = sumAt; from < n; from += group, g++) {
            float sum = 0;
            for (int i = at + from; i < at + Math.min(from + group, n); i++) {
                sum += x[i];
            }
            sums[g] += sum * share;
        }
    }

    /** Returns the largest number, NaN passed over; −∞ if there is none. */
    private static float max(float[] x, int at, int n) {
        FloatVector even = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, at + i + LANES);
            even = even.blend(a, a.compare(VectorOperators.GT, even)); // max() of NaN and −0 takes five instructions
            odd = odd.blend(b, b.compare(VectorOperators.GT, odd));
        }
        float max = even.blend(odd, odd.compare(VectorOperators.GT, even)).reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = x[at + i] > max ? x[at + i] : max;
        }
        return max;
    }

    /** x ← e^(x − max), exactly 0 below the normal floats. */
    private static void exponentials(float[] x, int at, int n, float max) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector z = FloatVector.fromArray(FLOATS, x, at + i).sub(max).mul(VectorMath.LOG2_E);
            FloatVector rounded = z.add(VectorMath.ROUND);
            FloatVector f = z.sub(rounded.sub(VectorMath.ROUND));
            FloatVector p = f.fma(FloatVector.broadcast(FLOATS, VectorMath.EXP2_6), FloatVector.broadcast(FLOATS, VectorMath.EXP2_5));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_4));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_3));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_2));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_1));
            p = p.fma(f, FloatVector.broadcast(FLOATS, 1));
            p.reinterpretAsInts().add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, VectorMath.EXPONENT_SHIFT))
                    .reinterpretAsFloats().blend(0, z.compare(VectorOperators.LT, VectorMath.EXP2_MIN)).intoArray(x, at + i);
        }
        for (; i < n; i++) {
            x[at + i] = VectorMath.exp2OrZero((x[at + i] - max) * VectorMath.LOG2_E);
        }
    }

    private static float total(float[] x, int at, int n) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            even = FloatVector.fromArray(FLOATS, x, at + i).add(even);
            odd = FloatVector.fromArray(FLOATS, x, at + i + LANES).add(odd);
        }
        float total = VectorSupport.sumLanes(even.add(odd));
        for (; i < n; i++) {
            total += x[at + i];
        }
        return total;
    }
}
