package dev.winnow.sparsek;

import dev.winnow.spi.AttentionPhase;
import java.util.Locale;

/** How the keys of a phase are chosen; the setting's value is the name in lower case. */
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

    /**
     * Returns the number of visible keys from which on a phase is faster than with all of them: below, choosing takes what it saves. Measured on the models of
     * docs/performance.md; int8 was faster nowhere.
     *
     * @param budget keys that decoding keeps
     */
    int minContext(AttentionPhase phase, int budget) {
        boolean prompt = phase == AttentionPhase.PREFILL;
        return switch (this) {
            case EXACT, DENSE -> 0;
            case XATTENTION -> 1024;
            case PAGES -> prompt ? 1024 : (int) Math.min(Math.max(2048, 3L * budget), Integer.MAX_VALUE);
            case BLOCKS, STATIC -> 2048;
            case INT8 -> 4096;
        };
    }

    /** What {@code auto} stands for. */
    static Method automatic(AttentionPhase phase) {
        return phase == AttentionPhase.PREFILL ? XATTENTION : PAGES;
    }
}
