package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.LayerSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Effective parameters of one phase.
 *
 * @param phase          what the queries are part of
 * @param method         how keys are chosen
 * @param topK           best keys to keep; 0 for none (exact) or for no limit (methods with {@code tau})
 * @param window         keys kept up to each query, its own included; 0 for none; exact and static only
 * @param stride         every key at a multiple is kept; 0 for none
 * @param sinks          first keys that are always kept
 * @param recent         keys before a tile that are always kept, apart from the tile's own
 * @param page           keys that are kept or removed together
 * @param summary        keys of a page that share mean and spread
 * @param budget         keys that decoding keeps, sinks and recent ones included
 * @param budgetFraction part of the context that the budget grows to
 * @param tau            part of the estimated softmax mass that is kept
 * @param headTau        tau of each head, in place of {@code tau}; null for the same in all
 * @param group          keys and queries in a group of XAttention
 * @param sampledRows    query positions of a tile that the prompt's page scores use
 * @param minContext     number of visible keys below which nothing is removed
 */
record PhaseParameters(AttentionPhase phase, Method method, int topK, int window, int stride, int sinks, int recent, int page,
        int summary, int budget, double budgetFraction, double tau, @Nullable HeadTau headTau, int group, int sampledRows, int minContext) {

    /** Returns whether a query of a layer that sees {@code visible} keys can lose any. */
    boolean canRemove(LayerSpec layer, int visible) {
        return switch (method) {
            case EXACT, STATIC -> topK < visible && (window == 0 || window < visible);
            case XATTENTION, BLOCKS, PAGES, INT8 ->
                isBudgeted() ? budget < visible && budgetFraction < 1 : topK > 0 || (headTau == null ? tau < 1 : headTau.removes(layer));
            case DENSE -> false;
        };
    }

    /** Returns the part of the estimated mass that a query head keeps. */
    double tau(LayerSpec layer, int head) {
        return headTau == null ? tau : headTau.of(layer, head);
    }

    /** Returns whether a head with this tau keeps every key. */
    boolean keepsAll(double ofHead) {
        return ofHead >= 1 && topK == 0;
    }

    /** Returns whether the number of kept keys is fixed in advance, as opposed to the kept mass. */
    boolean isBudgeted() {
        return phase == AttentionPhase.DECODE && (method == Method.PAGES || method == Method.INT8);
    }

    /** Returns the keys that are kept because of their position. */
    FixedKeys fixedKeys() {
        return new FixedKeys(window, stride, sinks);
    }

    /** Adds the parameters that matter to the method, each named after the phase. */
    void describe(Map<String, String> target) {
        String prefix = phase == AttentionPhase.PREFILL ? "prefill" : "decode";
        target.put(prefix, method.text());
        if (method == Method.DENSE) {
            return;
        }
        put(target, prefix, "top-k", topK);
        put(target, prefix, "window", window);
        put(target, prefix, "stride", stride);
        put(target, prefix, "sinks", sinks);
        put(target, prefix, "min-context", minContext);
        if (method == Method.EXACT || method == Method.STATIC) {
            return;
        }
        target.put(prefix + "-recent", Integer.toString(recent));
        target.put(prefix + "-page", Integer.toString(page));
        if (method == Method.PAGES) {
            target.put(prefix + "-summary", Integer.toString(summary));
        }
        if (isBudgeted()) {
            target.put(prefix + "-budget", Integer.toString(budget));
            target.put(prefix + "-budget-fraction", Double.toString(budgetFraction));
            return;
        }
        if (headTau == null) {
            target.put(prefix + "-tau", Double.toString(tau));
        } else {
            target.put(prefix + "-head-tau", headTau.toString());
        }
        if (method == Method.XATTENTION) {
            target.put(prefix + "-group", Integer.toString(group));
        }
        if (method == Method.PAGES || method == Method.BLOCKS) {
            target.put(prefix + "-sampled-rows", Integer.toString(sampledRows));
        }
    }

    private static void put(Map<String, String> target, String prefix, String name, int value) {
        if (value > 0) {
            target.put(prefix + "-" + name, Integer.toString(value));
        }
    }
}
