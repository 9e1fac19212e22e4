package dev.winnow.launcher.report;

/** A part of the page of results. */
public enum ReportPart {
    /** Tokens per second against the tokens before. */
    SPEED,
    /** Perplexity and KL divergence from dense attention. */
    ACCURACY,
    /** Facts found in long texts. */
    NEEDLE
}
