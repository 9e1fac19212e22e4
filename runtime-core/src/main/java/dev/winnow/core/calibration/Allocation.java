package dev.winnow.core.calibration;

import dev.winnow.spi.LayerSpec;
import java.util.List;

/**
 * Chooses a level for each head: the one with the smallest sum of kept keys, cost of the estimate, and {@code price} times damage. For every price this is the
 * cheapest choice among all with the same sum of damages (Lagrange multiplier), so one number spans the whole front.
 */
final class Allocation {

    /** What an estimate costs next to attention over all keys: measured time, not multiply-adds, of which it needs three times fewer. */
    private static final double ESTIMATE_COST = 0.2;

    private Allocation() {}

    /** Returns [layer][head]; a layer that was not measured has no heads. */
    static int[][] choose(List<LayerSpec> layers, HeadDamage damage, double price) {
        int[][] levels = new int[layers.size()][];
        for (LayerSpec layer : layers) {
            int heads = damage.isMeasured(layer.index()) ? layer.attention().headCount() : 0;
            levels[layer.index()] = new int[heads];
            for (int head = 0; head < heads; head++) {
                levels[layer.index()][head] = cheapest(damage, layer.index(), head, price);
            }
        }
        return levels;
    }

    private static int cheapest(HeadDamage damage, int layer, int head, double price) {
        int best = Levels.count() - 1;
        double lowest = 1; // everything: no damage, no estimate
        for (int level = 0; level < Levels.count() - 1; level++) {
            double cost = damage.kept(layer, head, level) + (Levels.isEstimated(level) ? ESTIMATE_COST : 0)
                    + price * damage.error(layer, head, level);
            if (cost < lowest) {
                lowest = cost;
                best = level;
            }
        }
        return best;
    }
}
