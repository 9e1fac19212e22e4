package dev.winnow.spi.contract;

import dev.winnow.spi.Activation;
import dev.winnow.spi.ElementwiseBackend;
import dev.winnow.spi.RopeStyle;

/** What refiners ask of an {@link ElementwiseBackend}, one element at a time; neither norms, nor RoPE, nor gates. */
public final class PlainElementwise implements ElementwiseBackend {

    /** Creates the operations. */
    public PlainElementwise() {}

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, int n, float epsilon, float[] out, int outOffset) {
        throw notPart();
    }

    @Override
    public void rope(RopeStyle style, float[] x, int xOffset, int dims, float[] table, int tableOffset) {
        throw notPart();
    }

    @Override
    public void gate(Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, int n) {
        throw notPart();
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        addScaled(x, xOffset, y, yOffset, n, 1);
    }

    @Override
    public void scale(float[] x, int xOffset, int n, float factor) {
        for (int i = xOffset; i < xOffset + n; i++) {
            x[i] *= factor;
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
        for (int i = xOffset; i < xOffset + n; i++) {
            x[i] = cap * (float) Math.tanh(x[i] / cap);
        }
    }

    private static UnsupportedOperationException notPart() {
        return new UnsupportedOperationException("no refiner asks for this operation");
    }
}
