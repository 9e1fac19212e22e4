package dev.winnow.sparsek;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Effective parameters of one phase. Each kind reads the settings that it uses, and no others. */
sealed interface PhaseParameters permits PhaseParameters.Dense, ExactParameters, MassParameters, BudgetParameters {

    /** Returns how keys are chosen. */
    Method method();

    /** Returns the number of visible keys below which nothing is removed. */
    int minContext();

    /** Returns whether a query of a layer that sees {@code visible} keys can lose any. */
    boolean canRemove(LayerSpec layer, int visible);

    /** Returns what chooses the keys in a session; null keeps everything. */
    @Nullable
    Selection selection(SummaryStore summaries, RefinerContext context);

    /** Passes on the parameters by their names. */
    void describe(BiConsumer<String, Object> target);

    /** Adds the method under the name of the phase, and the parameters, each named after the phase. */
    default void describe(String phase, Map<String, String> target) {
        target.put(phase, method().text());
        describe((name, value) -> target.put(phase + "-" + name, value.toString()));
    }

    /** Returns whether a layer has anything to choose from at a number of keys. */
    default boolean engages(LayerSpec layer, int keyCount) {
        int window = layer.attention().window();
        int visible = window > 0 ? Math.min(window, keyCount) : keyCount;
        return visible >= minContext() && canRemove(layer, visible);
    }

    /** Passes on a parameter that is 0 if it has no effect. */
    static void describe(BiConsumer<String, Object> target, String name, int value) {
        if (value > 0) {
            target.accept(name, value);
        }
    }

    /** Passes on what all selections have. */
    static void describe(BiConsumer<String, Object> target, int topK, FixedKeys fixed, int minContext) {
        describe(target, "top-k", topK);
        fixed.describe(target);
        describe(target, "min-context", minContext);
    }

    /** Everything is kept, above {@code minContext} as below. */
    record Dense(int minContext) implements PhaseParameters {

        static Dense read(ParameterReader reader) {
            return new Dense(reader.minContext(0));
        }

        @Override
        public Method method() {
            return Method.DENSE;
        }

        @Override
        public boolean canRemove(LayerSpec layer, int visible) {
            return false;
        }

        @Override
        public @Nullable Selection selection(SummaryStore summaries, RefinerContext context) {
            return null;
        }

        @Override
        public void describe(BiConsumer<String, Object> target) {}
    }
}
