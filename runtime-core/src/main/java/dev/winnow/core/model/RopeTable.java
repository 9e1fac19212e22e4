package dev.winnow.core.model;

import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * Cosines and sines of the positions of one chunk, for one kind of rotary embedding. As in ggml, the angle of a pair is computed by repeated float32
 * multiplication from that of the pair before, because a more exact power would give another model at long contexts.
 */
final class RopeTable {

    private final LayerSpec.Rope rope;
    private final int pairs;
    private final float[] divisors; // [pairs], empty for none
    private final float[] mix; // [pairs], share of extrapolation (YaRN), empty for none
    private final float thetaScale;
    private final float magnitude;
    private final float[] table; // [positions][2][pairs]

    RopeTable(LayerSpec.Rope rope, List<Float> factors, int maxPositions) {
        this.rope = rope;
        this.pairs = rope.dims() / 2;
        this.divisors = new float[factors.size()];
        for (int i = 0; i < divisors.length; i++) {
            divisors[i] = factors.get(i);
        }
        this.thetaScale = (float) Math.pow(rope.frequencyBase(), -2.0 / rope.dims());
        this.mix = rope.extrapolation() == 0 ? new float[0] : extrapolationShares();
        this.magnitude = rope.extrapolation() == 0
                ? rope.magnitude()
                : rope.magnitude() * (float) (1 + 0.1 * Math.log(1 / rope.frequencyScale()));
        this.table = new float[maxPositions * 2 * pairs];
    }

    LayerSpec.Rope rope() {
        return rope;
    }

    private float[] extrapolationShares() {
        float low = (float) Math.max(0, Math.floor(rotationsToDimension(rope.betaFast())));
        float high = (float) Math.min(rope.dims() - 1, Math.ceil(rotationsToDimension(rope.betaSlow())));
        float[] shares = new float[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            float ramp = (pair - low) / Math.max(0.001f, high - low);
            shares[pair] = (1 - Math.clamp(ramp, 0f, 1f)) * rope.extrapolation();
        }
        return shares;
    }

    /** The dimension whose wave turns {@code rotations} times within the original context. */
    private double rotationsToDimension(float rotations) {
        return rope.dims() * Math.log(rope.originalContextLength() / (rotations * 2 * Math.PI)) / (2 * Math.log(rope.frequencyBase()));
    }

    /** Fills the table for {@code count} positions from {@code first}. */
    void fill(int first, int count) {
        for (int i = 0; i < count; i++) {
            float theta = first + i;
            int at = offset(i);
            for (int pair = 0; pair < pairs; pair++) {
                float extrapolated = divisors.length == 0 ? theta : theta / divisors[pair];
                float angle = rope.frequencyScale() * extrapolated;
                if (mix.length > 0) {
                    angle = angle * (1 - mix[pair]) + extrapolated * mix[pair];
                }
                table[at + pair] = (float) Math.cos(angle) * magnitude;
                table[at + pairs + pair] = (float) Math.sin(angle) * magnitude;
                theta *= thetaScale;
            }
        }
    }

    /** Returns the table of the positions: for each the cosines, then the sines. */
    float[] values() {
        return table;
    }

    /** Returns where the values of position {@code first + index} begin. */
    int offset(int index) {
        return index * 2 * pairs;
    }
}
