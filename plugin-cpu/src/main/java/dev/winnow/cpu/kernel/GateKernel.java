package dev.winnow.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Activations built on the exponential function; {@link VectorMath} holds the scalar twin of each loop's body and argues the error. */
public final class GateKernel {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;

    private GateKernel() {}

    /**
     * gate ← g · σ(z) · (u + shift) with σ(z) = 1 / (1 + e^−z), z = linear · g + cubic · g³, g = min(gate, limit), u = up within ±limit.
     */
    public static void gate(float[] gate, int gateAt, float[] up, int upAt, int n, float linear, float cubic, float limit, float shift) {
        FloatVector linears = FloatVector.broadcast(FLOATS, linear);
        FloatVector cubics = FloatVector.broadcast(FLOATS, cubic);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateAt + i);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upAt + i);
            g = g.blend(limit, g.compare(VectorOperators.GT, limit));
            u = u.blend(limit, u.compare(VectorOperators.GT, limit)).blend(-limit, u.compare(VectorOperators.LT, -limit));
            FloatVector z = g.mul(g).fma(cubics, linears).mul(g).neg();
            z = z.blend(VectorMath.EXP_LIMIT, z.compare(VectorOperators.GT, VectorMath.EXP_LIMIT))
                    .blend(-VectorMath.EXP_LIMIT, z.compare(VectorOperators.LT, -VectorMath.EXP_LIMIT));
            FloatVector log2 = FloatVector.broadcast(FLOATS, VectorMath.LOG2_E);
            FloatVector rounded = z.fma(log2, FloatVector.broadcast(FLOATS, VectorMath.ROUND));
            FloatVector f = z.fma(log2, rounded.sub(VectorMath.ROUND).neg());
            f = z.fma(FloatVector.broadcast(FLOATS, VectorMath.LOG2_E_REST), f);
            FloatVector p = f.fma(FloatVector.broadcast(FLOATS, VectorMath.EXP2_6), FloatVector.broadcast(FLOATS, VectorMath.EXP2_5));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_4));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_3));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_2));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_1));
            p = p.fma(f, FloatVector.broadcast(FLOATS, 1));
            FloatVector e = p.reinterpretAsInts()
                    .add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, VectorMath.EXPONENT_SHIFT)).reinterpretAsFloats();
            g.div(e.add(1)).mul(u.add(shift)).intoArray(gate, gateAt + i);
        }
        for (; i < n; i++) {
            float g = gate[gateAt + i] > limit ? limit : gate[gateAt + i];
            float u = up[upAt + i];
            u = u > limit ? limit : u < -limit ? -limit : u;
            gate[gateAt + i] = g / (VectorMath.exp(-(Math.fma(g * g, cubic, linear) * g)) + 1) * (u + shift);
        }
    }

    /** x ← cap · tanh(x / cap). */
    public static void softcap(float[] x, int at, int n, float cap) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector z = FloatVector.fromArray(FLOATS, x, at + i).div(cap);
            z = z.blend(VectorMath.TANH_LIMIT, z.compare(VectorOperators.GT, VectorMath.TANH_LIMIT))
                    .blend(-VectorMath.TANH_LIMIT, z.compare(VectorOperators.LT, -VectorMath.TANH_LIMIT));
            FloatVector y = z.mul(2 * VectorMath.LOG2_E);
            FloatVector rounded = y.add(VectorMath.ROUND);
            FloatVector f = y.sub(rounded.sub(VectorMath.ROUND));
            FloatVector p = f.fma(FloatVector.broadcast(FLOATS, VectorMath.EXP2_6), FloatVector.broadcast(FLOATS, VectorMath.EXP2_5));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_4));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_3));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_2));
            p = p.fma(f, FloatVector.broadcast(FLOATS, VectorMath.EXP2_1)).mul(f);
            FloatVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, VectorMath.EXPONENT_SHIFT)
                    .add(VectorMath.ONE_BITS).reinterpretAsFloats();
            FloatVector numerator = power.fma(p, power.sub(1));
            numerator.div(numerator.add(2)).mul(cap).intoArray(x, at + i);
        }
        for (; i < n; i++) {
            x[at + i] = VectorMath.tanh(x[at + i] / cap) * cap;
        }
    }
}
