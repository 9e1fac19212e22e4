package dev.winnow.core.calibration;

import dev.winnow.spi.Settings;

/**
 * Settings for both phases.
 *
 * @param prompts    those of prompts
 * @param generation those of generation
 */
record Choice(String prompts, String generation) {

    /** The refiner that profiles are made for. */
    static final String REFINER = "sparsek";

    /** Visible keys below which everything is kept: with fewer, choosing takes what it saves (docs/performance.md). */
    static final int MIN_CONTEXT = 2048;

    static final String DENSE_PROMPTS = "prefill=dense";
    static final String DENSE_GENERATION = "decode=dense";

    /** Returns whether neither phase leaves out anything. */
    boolean isDense() {
        return hasDensePrompts() && hasDenseGeneration();
    }

    boolean hasDensePrompts() {
        return prompts.equals(DENSE_PROMPTS);
    }

    boolean hasDenseGeneration() {
        return generation.equals(DENSE_GENERATION);
    }

    Settings settings() {
        return Settings.parse(REFINER, prompts + "," + generation + ",min-context=" + MIN_CONTEXT);
    }
}
