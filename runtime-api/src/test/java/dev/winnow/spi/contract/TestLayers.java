package dev.winnow.spi.contract;

import dev.winnow.spi.Activation;
import dev.winnow.spi.LayerSpec;

/** Layers for tests of attention, which read nothing but heads, dimensions, scale, soft-cap and window. */
public final class TestLayers {

    private TestLayers() {}

    /** Returns a layer with the usual scale 1/√dim, no soft-cap and no sinks. */
    public static LayerSpec layer(int index, int headCount, int headCountKv, int dim, int window) {
        return new LayerSpec(index,
                new LayerSpec.Attention(headCount, headCountKv, dim, dim, (float) (1 / Math.sqrt(dim)), 0, window, false, false), null,
                new LayerSpec.FeedForward(Activation.SILU, dim, 0, 0), 1e-5f, false);
    }
}
