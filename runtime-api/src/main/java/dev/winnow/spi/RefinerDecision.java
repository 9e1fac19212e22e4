package dev.winnow.spi;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The answer of a {@link MaskRefinerProvider}. */
public sealed interface RefinerDecision {

    /**
     * The refiner applies.
     *
     * @param phase      when it runs
     * @param required   whether the model gives wrong results without it (a sliding window), as opposed to slower ones
     * @param parameters effective parameters, kebab-case, for display and reports
     * @param factory    creates the refiner of one session
     */
    record Applies(RefinerPhase phase, boolean required, Map<String, String> parameters, Factory factory) implements RefinerDecision {
        /** Copies the parameters. */
        public Applies {
            Objects.requireNonNull(phase, "phase");
            Objects.requireNonNull(factory, "factory");
            parameters = Map.copyOf(parameters);
        }
    }

    /**
     * The refiner does not apply.
     *
     * @param reasons why not, each a clause without a full stop
     */
    record DoesNotApply(List<String> reasons) implements RefinerDecision {
        /** Copies the reasons. */
        public DoesNotApply {
            reasons = List.copyOf(reasons);
        }
    }

    /** Creates the refiner of one session. */
    @FunctionalInterface
    interface Factory {
        /** Returns a new refiner. */
        MaskRefiner create(RefinerContext context);
    }
}
