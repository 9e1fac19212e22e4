package dev.winnow.core.reference;

import dev.winnow.spi.Activation;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.RopeStyle;

/** Elementwise operations from their definitions, in double precision. */
final class ReferenceElementwise implements ElementwiseBackend {

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, int n, float epsilon, float[] out, int outOffset) {
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += (double) x[xOffset + i] * x[xOffset + i];
        }
        float scale = (float) (1 / Math.sqrt(squares / n + epsilon));
        for (int i = 0; i < n; i++) {
            out[outOffset + i] = x[xOffset + i] * scale * weight[i];
        }
    }

    @Override
    public void rope(RopeStyle style, float[] x, int xOffset, int dims, float[] table, int tableOffset) {
        int pairs = dims / 2;
        for (int pair = 0; pair < pairs; pair++) {
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
        for (int i = 0; i < n; i++) {
            double g = gate[gateOffset + i];
            double u = up[upOffset + i];
            gate[gateOffset + i] = (float) switch (activation) {
                case SILU -> g / (1 + Math.exp(-g)) * u;
                case GELU_TANH -> 0.5 * g * (1 + Math.tanh(0.7978845608028654 * g * (1 + 0.044715 * g * g))) * u;
                case SWIGLU_OAI -> {
                    double limited = Math.min(g, 7);
                    yield limited / (1 + Math.exp(-1.702 * limited)) * (Math.clamp(u, -7.0, 7.0) + 1);
                }
            };
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++) {
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
        for (int i = 0; i < n; i++) {
            x[xOffset + i] = (float) (cap * Math.tanh((double) x[xOffset + i] / cap));
        }
    }
}
