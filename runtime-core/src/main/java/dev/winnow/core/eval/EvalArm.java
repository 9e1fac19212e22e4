package dev.winnow.core.eval;

import dev.winnow.api.SessionOptions;

/**
 * One of the things that a measurement compares: session options under a name.
 *
 * @param name    for reports, for example {@code dense} or {@code sparsek}
 * @param options its context length is set by the measurement
 */
public record EvalArm(String name, SessionOptions options) {

    /** Returns the arm to which others are compared: these options without the refiners that metadata or user ask for. */
    public static EvalArm dense(SessionOptions options) {
        return new EvalArm("dense", options.dense());
    }
}
