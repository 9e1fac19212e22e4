package dev.winnow.cpu;

import dev.winnow.cpu.kernel.GateKernel;
import dev.winnow.cpu.kernel.NormKernel;
import dev.winnow.cpu.kernel.RopeKernel;
import dev.winnow.cpu.kernel.SoftmaxKernel;
import dev.winnow.cpu.kernel.SumKernel;
import dev.winnow.spi.Activation;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.RopeStyle;

/** Norms, RoPE, activations, softmax and sums by vector instructions: each operation is a body of whole vectors and a scalar tail with the same roundings. */
final class CpuElementwise implements ElementwiseBackend {

    private static final float NO_LIMIT = Float.POSITIVE_INFINITY;

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, int n, float epsilon, float[] out, int outOffset) {
        double squares = NormKernel.sumOfSquares(x, xOffset, n);
        NormKernel.scale(x, xOffset, (float) (1 / Math.sqrt(squares / n + epsilon)), weight, n, out, outOffset);
    }

    @Override
    public void rope(RopeStyle style, float[] x, int xOffset, int dims, float[] table, int tableOffset) {
        switch (style) {
            case NORM -> RopeKernel.rotateNeighbours(x, xOffset, dims / 2, table, tableOffset);
            case NEOX -> RopeKernel.rotateHalves(x, xOffset, dims / 2, table, tableOffset);
        }
    }

    /** All three activations are g · σ(z) · (u + shift) with z a polynomial in g: 0.5 (1 + tanh y) is the logistic function σ of 2y. */
    @Override
    public void gate(Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, int n) {
        switch (activation) {
            case SILU -> GateKernel.gate(gate, gateOffset, up, upOffset, n, 1, 0, NO_LIMIT, 0);
            case GELU_TANH -> {
                double twice = 2 * Math.sqrt(2 / Math.PI);
                GateKernel.gate(gate, gateOffset, up, upOffset, n, (float) twice, (float) (twice * 0.044715), NO_LIMIT, 0);
            }
            case SWIGLU_OAI -> GateKernel.gate(gate, gateOffset, up, upOffset, n, 1.702f, 0, 7, 1);
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        SumKernel.add(x, xOffset, y, yOffset, n);
    }

    @Override
    public void scale(float[] x, int xOffset, int n, float factor) {
        SumKernel.scale(x, xOffset, n, factor);
    }

    @Override
    public void addScaled(float[] x, int xOffset, float[] y, int yOffset, int n, float factor) {
        SumKernel.addScaled(x, xOffset, y, yOffset, n, factor);
    }

    @Override
    public void softcap(float[] x, int xOffset, int n, float cap) {
        GateKernel.softcap(x, xOffset, n, cap);
    }

    @Override
    public void addSoftmax(float[] x, int xOffset, int n, int group, float[] sums, int sumsOffset) {
        SoftmaxKernel.add(x, xOffset, n, group, sums, sumsOffset);
    }
}
