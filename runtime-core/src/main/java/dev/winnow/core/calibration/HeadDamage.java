package dev.winnow.core.calibration;

import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * What each level costs each head: the squared error of its attention output, relative to the squared output of the whole layer, and the share of keys that it
 * keeps. Errors weigh as squares, because a head that is right nearly always and misses one key that matters does more harm than one that is always slightly off.
 * Added to by several workers at once.
 */
final class HeadDamage {

    private final double[][][] errors; // [layer][head][level], sums over rows of |o' − o|²
    private final double[][][] kept; // [layer][head][level], sums over rows of the share of kept keys
    private final double[] outputs; // [layer], sums over rows and heads of |o|²
    private final int[][] rows; // [layer][head]

    HeadDamage(List<LayerSpec> layers, int levels) {
        errors = new double[layers.size()][][];
        kept = new double[layers.size()][][];
        outputs = new double[layers.size()];
        rows = new int[layers.size()][];
        for (LayerSpec layer : layers) {
            int heads = layer.attention().headCount();
            errors[layer.index()] = new double[heads][levels];
            kept[layer.index()] = new double[heads][levels];
            rows[layer.index()] = new int[heads];
        }
    }

    /**
     * Adds a row of a head.
     *
     * @param output      squared norm of the dense output
     * @param ofErrors    [levels], squared norms of the errors
     * @param ofKept      [levels], shares of kept keys
     */
    synchronized void add(int layer, int head, double output, double[] ofErrors, double[] ofKept) {
        for (int level = 0; level < ofErrors.length; level++) {
            errors[layer][head][level] += ofErrors[level];
            kept[layer][head][level] += ofKept[level];
        }
        outputs[layer] += output;
        rows[layer][head]++;
    }

    /** Returns whether rows of a layer were added. */
    boolean isMeasured(int layer) {
        return outputs[layer] > 0;
    }

    /** Returns the relative squared error. */
    double error(int layer, int head, int level) {
        return errors[layer][head][level] / outputs[layer];
    }

    /** Returns the share of keys that is kept. */
    double kept(int layer, int head, int level) {
        return rows[layer][head] == 0 ? 1 : kept[layer][head][level] / rows[layer][head];
    }
}
