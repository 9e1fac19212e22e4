package dev.winnow.core.model;

/** A model's specification together with its weights, which only this package can look into. */
public final class LoadedWeights {

    private final ModelSpec spec;
    private final Weights weights;
    private final WeightBands bands;

    LoadedWeights(ModelSpec spec, Weights weights) {
        this.spec = spec;
        this.weights = weights;
        this.bands = WeightBands.of(weights);
    }

    /** Returns the specification. */
    public ModelSpec spec() {
        return spec;
    }

    Weights weights() {
        return weights;
    }

    WeightBands bands() {
        return bands;
    }
}
