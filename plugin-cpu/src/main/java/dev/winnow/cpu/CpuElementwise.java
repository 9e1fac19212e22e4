package dev.winnow.cpu;

import dev.winnow.spi.Activation;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.RopeStyle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Norms, RoPE, activations and sums: a vector body and a scalar tail each. */
final class CpuElementwise implements ElementwiseBackend {

    private static final VectorSpecies<Float> FLOATS = VectorSupport.FLOATS;
    private static final int LANES = VectorSupport.LANES;
    private static final double GELU_SCALE = 0.7978845608028654; // √(2/π)
    private static final double GELU_CUBIC = 0.044715;

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, int n, float epsilon, float[] out, int outOffset) {
        FloatVector squares0 = FloatVector.zero(FLOATS);
        FloatVector squares1 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i <= n - 2 * LANES; i += 2 * LANES) {
            FloatVector a = FloatVector.fromArray(FLOATS, x, xOffset + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, xOffset + i + LANES);
            squares0 = a.fma(a, squares0);
            squares1 = b.fma(b, squares1);
        }
        double sum = squares0.add(squares1).reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            sum += x[xOffset + i] * x[xOffset + i];
        }
        float scale = (float) (1 / Math.sqrt(sum / n + epsilon));
        i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xOffset + i).mul(scale).mul(FloatVector.fromArray(FLOATS, weight, i)).intoArray(out,
                    outOffset + i);
        }
        for (; i < n; i++) {
            out[outOffset + i] = x[xOffset + i] * scale * weight[i];
        }
    }

    @Override
    public void rope(RopeStyle style, float[] x, int xOffset, int dims, float[] table, int tableOffset) {
        int pairs = dims / 2;
        int pair = 0;
        if (style == RopeStyle.NEOX) {
            for (; pair <= pairs - LANES; pair += LANES) {
                FloatVector cos = FloatVector.fromArray(FLOATS, table, tableOffset + pair);
                FloatVector sin = FloatVector.fromArray(FLOATS, table, tableOffset + pairs + pair);
                FloatVector a = FloatVector.fromArray(FLOATS, x, xOffset + pair);
                FloatVector b = FloatVector.fromArray(FLOATS, x, xOffset + pairs + pair);
                a.mul(cos).sub(b.mul(sin)).intoArray(x, xOffset + pair);
                a.mul(sin).add(b.mul(cos)).intoArray(x, xOffset + pairs + pair);
            }
        }
        for (; pair < pairs; pair++) {
            int first = xOffset + (style == RopeStyle.NORM ? 2 * pair : pair);
            int second = style == RopeStyle.NORM ? first + 1 : first + pairs;
            float cos = table[tableOffset + pair];
            float sin = table[tableOffset + pairs + pair];
            float a = x[first];
            float b = x[second];
            x[first] = a * cos - b * sin;
            x[second] = a * sin + b * cos;
        }
    }

    @Override
    public void gate(Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, int n) {
        int done = switch (activation) {
            case SILU -> silu(gate, gateOffset, up, upOffset, n);
            case GELU_TANH -> gelu(gate, gateOffset, up, upOffset, n);
            case SWIGLU_OAI -> 0;
        };
        for (int i = done; i < n; i++) {
            gate[gateOffset + i] = (float) gated(activation, gate[gateOffset + i], up[upOffset + i]);
        }
    }

    private static double gated(Activation activation, double g, double u) {
        return switch (activation) {
            case SILU -> g / (1 + Math.exp(-g)) * u;
            case GELU_TANH -> 0.5 * g * (1 + Math.tanh(GELU_SCALE * g * (1 + GELU_CUBIC * g * g))) * u;
            case SWIGLU_OAI -> Math.min(g, 7) / (1 + Math.exp(-1.702 * Math.min(g, 7))) * (Math.clamp(u, -7.0, 7.0) + 1);
        };
    }

    private static int silu(float[] gate, int gateOffset, float[] up, int upOffset, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + i);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + i);
            g.div(VectorMath.exp(g.neg()).add(1)).mul(u).intoArray(gate, gateOffset + i);
        }
        return i;
    }

    private static int gelu(float[] gate, int gateOffset, float[] up, int upOffset, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateOffset + i);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upOffset + i);
            FloatVector inner = g.mul(g).mul((float) GELU_CUBIC).add(1).mul(g).mul((float) GELU_SCALE);
            VectorMath.tanh(inner).add(1).mul(g).mul(0.5f).mul(u).intoArray(gate, gateOffset + i);
        }
        return i;
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xOffset + i).add(FloatVector.fromArray(FLOATS, y, yOffset + i)).intoArray(x, xOffset + i);
        }
        for (; i < n; i++) {
            x[xOffset + i] += y[yOffset + i];
        }
    }

    @Override
    public void scale(float[] x, int xOffset, int n, float factor) {
        for (int i = 0; i < n; i++) {
            x[xOffset + i] *= factor;
        }
    }

    @Override
    public void addScaled(float[] x, int xOffset, float[] y, int yOffset, int n, float factor) {
        for (int i = 0; i < n; i++) {
            x[xOffset + i] += y[yOffset + i] * factor;
        }
    }

    @Override
    public void softcap(float[] x, int xOffset, int n, float cap) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(FLOATS, x, xOffset + i).div(cap)).mul(cap).intoArray(x, xOffset + i);
        }
        for (; i < n; i++) {
            x[xOffset + i] = (float) (cap * Math.tanh((double) x[xOffset + i] / cap));
        }
    }
}
