package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import java.util.Locale;

/**
 * How the keys of a phase are chosen; the setting's value is the name in lower case. Each method's {@code min-context}, if it is not given, is the number of visible
 * keys from which on the phase is faster than with all of them: below, choosing takes what it saves. Measured on the models of docs/performance.md; int8 was faster
 * nowhere.
 */
enum Method {
    /** The definition: the best keys of each query row by the true score. */
    EXACT(true, true),
    /** Scores of groups of keys against groups of queries, the antidiagonals of the score matrix. */
    XATTENTION(true, false),
    /** Scores of all queries against the mean of each block of 64 keys, or of fewer with {@code block}. */
    BLOCKS(true, false),
    /** Scores against mean and spread of small pages of keys: of sampled queries in a prompt, of every query in decoding. */
    PAGES(true, true),
    /** Scores against the keys rounded to 8 bits. */
    INT8(false, true),
    /** Sinks, window and stride, without any score. */
    STATIC(true, true),
    /** Everything is kept. */
    DENSE(true, true);

    private final boolean prefill;
    private final boolean decode;

    Method(boolean prefill, boolean decode) {
        this.prefill = prefill;
        this.decode = decode;
    }

    /** Returns the value of the setting. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean serves(AttentionPhase phase) {
        return phase == AttentionPhase.PREFILL ? prefill : decode;
    }

    /** Reads the parameters of a phase that the method serves. */
    PhaseParameters read(AttentionPhase phase, ParameterReader reader) {
        boolean prompt = phase == AttentionPhase.PREFILL;
        return switch (this) {
            case EXACT -> ExactParameters.exact(reader);
            case XATTENTION -> MassParameters.xattention(reader);
            case BLOCKS -> MassParameters.blocks(reader);
            case PAGES -> prompt ? MassParameters.pages(reader) : BudgetParameters.pages(reader);
            case INT8 -> BudgetParameters.int8(reader);
            case STATIC -> ExactParameters.withoutScores(reader, prompt ? 64 : 16);
            case DENSE -> PhaseParameters.Dense.read(reader);
        };
    }

    /** What {@code auto} stands for. */
    static Method automatic(AttentionPhase phase) {
        return phase == AttentionPhase.PREFILL ? XATTENTION : PAGES;
    }
}
