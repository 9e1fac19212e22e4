package dev.winnow.sparsek;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerContext;
import java.util.function.BiConsumer;

/**
 * Effective parameters of the selections of prompts that keep a part of the estimated softmax mass.
 *
 * @param method     xattention, blocks or pages
 * @param topK       most keys to choose; 0 for no limit
 * @param fixed      keys that are kept because of their position; no window
 * @param recent     keys before a tile that are always kept, apart from the tile's own
 * @param tau        part of the mass that each head keeps
 * @param estimate   how the mass is estimated
 * @param minContext number of visible keys below which nothing is removed
 */
record MassParameters(Method method, int topK, FixedKeys fixed, int recent, HeadTau tau, Estimate estimate, int minContext)
        implements
            PhaseParameters {

    /** How masses are estimated. */
    sealed interface Estimate {

        /** Returns the keys that are kept or removed together. */
        int page();

        MassEstimator estimator(SummaryStore summaries, RefinerContext context);

        void describe(BiConsumer<String, Object> target);
    }

    /**
     * Antidiagonals of the score matrix.
     *
     * @param group keys and queries in a group
     */
    private record Antidiagonals(int group) implements Estimate {

        @Override
        public int page() {
            return AttentionMask.BLOCK_KEYS;
        }

        @Override
        public MassEstimator estimator(SummaryStore summaries, RefinerContext context) {
            return new XAttentionEstimator(group, context);
        }

        @Override
        public void describe(BiConsumer<String, Object> target) {
            target.accept("group", group);
        }
    }

    /**
     * Scores against the mean of all keys of a block.
     *
     * @param page        keys in a block
     * @param sampledRows query positions of a tile that are scored
     */
    private record Means(int page, int sampledRows) implements Estimate {

        @Override
        public MassEstimator estimator(SummaryStore summaries, RefinerContext context) {
            return new PooledEstimator(summaries.moments(page, PageMoments.Spread.NONE), page, sampledRows, context);
        }

        @Override
        public void describe(BiConsumer<String, Object> target) {
            target.accept("sampled-rows", sampledRows);
        }
    }

    /**
     * Scores against mean and variance of the keys of a page.
     *
     * @param page        keys in a page
     * @param summary     keys of a page that share mean and variance
     * @param sampledRows query positions of a tile that are scored
     */
    private record Gaussians(int page, int summary, int sampledRows) implements Estimate {

        @Override
        public MassEstimator estimator(SummaryStore summaries, RefinerContext context) {
            return new PooledEstimator(summaries.moments(summary, PageMoments.Spread.VARIANCE), page, sampledRows, context);
        }

        @Override
        public void describe(BiConsumer<String, Object> target) {
            target.accept("summary", summary);
            target.accept("sampled-rows", sampledRows);
        }
    }

    static MassParameters xattention(ParameterReader reader) {
        return read(reader, Method.XATTENTION, 0, new Antidiagonals(reader.powerOfTwo("group", 4, 64, 8)), 1024);
    }

    static MassParameters blocks(ParameterReader reader) {
        return read(reader, Method.BLOCKS, 0, new Means(reader.powerOfTwo("block", 4, 64, 64), reader.integer("sampled-rows", 1, 64, 64)),
                2048);
    }

    static MassParameters pages(ParameterReader reader) {
        int page = reader.powerOfTwo("page", 16, 64, 16);
        Estimate estimate = new Gaussians(page, reader.powerOfTwo("summary", 4, page, page), reader.integer("sampled-rows", 1, 64, 8));
        return read(reader, Method.PAGES, 192, estimate, 1024);
    }

    private static MassParameters read(ParameterReader reader, Method method, int recent, Estimate estimate, int minContext) {
        return new MassParameters(method, reader.topK(), new FixedKeys(0, reader.stride(), reader.sinks(64)), reader.recent(recent),
                HeadTau.read(reader), estimate, reader.minContext(minContext));
    }

    /** Returns the keys that are kept or removed together. */
    int page() {
        return estimate.page();
    }

    /** Returns whether a head with this tau keeps every key. */
    boolean keepsAll(double ofHead) {
        return ofHead >= 1 && topK == 0;
    }

    @Override
    public boolean canRemove(LayerSpec layer, int visible) {
        return topK > 0 || tau.removes(layer);
    }

    @Override
    public Selection selection(SummaryStore summaries, RefinerContext context) {
        return new MassSelection(this, estimate.estimator(summaries, context));
    }

    @Override
    public void describe(BiConsumer<String, Object> target) {
        PhaseParameters.describe(target, topK, fixed, minContext);
        target.accept("recent", recent);
        target.accept("page", page());
        target.accept(tau.name(), tau);
        estimate.describe(target);
    }
}
