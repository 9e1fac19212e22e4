package dev.winnow.core.eval;

import dev.winnow.api.SessionOptions;
import java.util.stream.Collectors;

/**
 * One of the things that a measurement compares: session options under a name.
 *
 * @param name    for reports, for example {@code dense} or {@code sparsek}
 * @param options its context length is set by the measurement
 */
public record EvalArm(String name, SessionOptions options) {

    /** Name of dense attention. */
    public static final String DENSE = "dense";

    /** Returns the arm to which others are compared: these options without the refiners that metadata or user ask for. */
    public static EvalArm dense(SessionOptions options) {
        return new EvalArm(DENSE, options.dense());
    }

    /**
     * Returns what the arm was asked for, as {@code id:name=value,...}, several refiners joined by {@code +}; {@code auto} if it is left to profile and
     * metadata, {@code off} if nothing may be left out.
     */
    public String specification() {
        if (options.refiners().isEmpty()) {
            return options.metadataRefiners() ? "auto" : "off";
        }
        return options.refiners().entrySet().stream()
                .map(entry -> entry.getKey() + (entry.getValue().isEmpty() ? "" : ":" + entry.getValue())).collect(Collectors.joining("+"));
    }
}
