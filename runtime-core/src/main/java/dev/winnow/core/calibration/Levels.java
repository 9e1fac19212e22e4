package dev.winnow.core.calibration;

import dev.winnow.spi.LayerSpec;
import java.util.List;

/** The choices that a head has: parts of the estimated softmax mass, from 0 (sinks, recent keys and its own tile only) to 1 (everything). */
final class Levels {

    /** In ascending order, so that each keeps what the ones before it keep. */
    private static final double[] TAUS = {0, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1};

    /**
     * What all choices share: means of 4 keys, scored by half of the queries, are the cheapest estimate that finds single important keys in blocks that are
     * otherwise unimportant.
     */
    private static final String SELECTION = "prefill=blocks,block=4,sampled-rows=32";

    private Levels() {}

    static int count() {
        return TAUS.length;
    }

    /** Returns whether a head needs an estimate. */
    static boolean isEstimated(int level) {
        return level > 0 && level < TAUS.length - 1;
    }

    /** Returns settings of prompts with the same level in all heads. */
    static String uniform(int level) {
        return SELECTION + ",tau=" + TAUS[level];
    }

    /**
     * Returns settings of prompts with a level for each head.
     *
     * @param levels [layer][head]; an empty row keeps everything
     */
    static String settings(List<LayerSpec> layers, int[][] levels) {
        StringBuilder text = new StringBuilder(SELECTION).append(",head-tau=");
        for (int level = 0; level < TAUS.length; level++) {
            text.append(level == 0 ? "" : "/").append(TAUS[level]);
        }
        for (LayerSpec layer : layers) {
            text.append(layer.index() == 0 ? ':' : '.');
            for (int level : levels[layer.index()]) {
                text.append(level);
            }
        }
        return text.toString();
    }
}
