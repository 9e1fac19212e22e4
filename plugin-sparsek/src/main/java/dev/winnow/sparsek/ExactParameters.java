package dev.winnow.sparsek;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.util.function.BiConsumer;

/**
 * Effective parameters of SparseK's definition, and of the same without best keys.
 *
 * @param method     exact or static
 * @param topK       best keys to keep; 0 for none
 * @param fixed      keys that are kept because of their position
 * @param minContext number of visible keys below which nothing is removed
 */
record ExactParameters(Method method, int topK, FixedKeys fixed, int minContext) implements PhaseParameters {

    static ExactParameters exact(ParameterReader reader) {
        return read(reader, Method.EXACT, reader.topK(), 0, 0, 0);
    }

    static ExactParameters withoutScores(ParameterReader reader, int sinks) {
        return read(reader, Method.STATIC, 0, 1024, sinks, 2048);
    }

    private static ExactParameters read(ParameterReader reader, Method method, int topK, int window, int sinks, int minContext) {
        FixedKeys fixed = new FixedKeys(reader.recent(window), reader.stride(), reader.sinks(sinks));
        return new ExactParameters(method, topK, fixed, reader.minContext(minContext));
    }

    @Override
    public boolean canRemove(LayerSpec layer, int visible) {
        return topK < visible && (fixed.window() == 0 || fixed.window() < visible);
    }

    @Override
    public Selection selection(SummaryStore summaries, RefinerContext context) {
        return topK == 0 ? new FixedSelection(fixed) : new ExactSelection(topK, fixed, context.products());
    }

    @Override
    public void describe(BiConsumer<String, Object> target) {
        PhaseParameters.describe(target, topK, fixed, minContext);
    }
}
