package dev.winnow.launcher.report;

import dev.winnow.core.eval.NeedleSummary;

/** Which of the two scores of a needle a picture shows. */
public enum NeedleScore {
    /** The greedy answer contains the key. */
    FOUND("answers that contain the key"),
    /** The right answer is more likely than every decoy. */
    CHOSEN("right answer more likely than every decoy");

    private final String label;

    NeedleScore(String label) {
        this.label = label;
    }

    /** Returns what a share of it means, for titles. */
    String label() {
        return label;
    }

    /** Returns the share of prompts, 0 to 1. */
    double of(NeedleSummary summary) {
        return this == FOUND ? summary.found() : summary.chosen();
    }
}
