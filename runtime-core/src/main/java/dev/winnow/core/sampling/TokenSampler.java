package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions;
import dev.winnow.api.WinnowException;
import java.util.BitSet;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens by their logits: the sampler chain of llama.cpp with its order of operations, its arithmetic and its random numbers, so that equal logits and
 * an equal seed choose equal tokens. Of equal logits the lower id comes first. Nothing is allocated per token. Not thread-safe.
 */
public final class TokenSampler {

    /** Number of candidates that top-p puts in order before it finds out whether they are enough; eight times as many the next time. */
    private static final int FIRST_ORDERED = 256;

    private final SamplingOptions options;
    private final SamplingOptions.Sampler[] sequence; // an array, because the iterator of a list would be garbage of every token
    private final int vocabularySize;
    private final int[] suppressed; // ascending ids that are never chosen
    private final int seed;
    private final MersenneTwister random;
    private final @Nullable RecentTokens recent;
    private final boolean greedy;
    private final @Nullable Candidates candidates; // absent if greedy

    private TokenSampler(SamplingOptions options, int vocabularySize, int[] suppressed) {
        this.options = options;
        sequence = options.sequence().toArray(SamplingOptions.Sampler[]::new);
        this.vocabularySize = vocabularySize;
        this.suppressed = suppressed;
        // llama.cpp's default seed, all bits set, is its sign for a random one.
        seed = (int) options.seed() == -1 ? ThreadLocalRandom.current().nextInt() : (int) options.seed();
        random = new MersenneTwister(seed);
        recent = RecentTokens.areNeededFor(options) ? new RecentTokens(options, vocabularySize) : null;
        greedy = recent == null && options.temperature() <= 0 && options.sequence().contains(SamplingOptions.Sampler.TEMPERATURE);
        candidates = greedy ? null : new Candidates(vocabularySize);
    }

    /**
     * Returns a sampler that may choose every token.
     *
     * @param vocabularySize number of logits, 1 or more
     */
    public static TokenSampler of(SamplingOptions options, int vocabularySize) {
        return of(options, vocabularySize, new BitSet());
    }

    /**
     * Returns a sampler that never chooses some tokens.
     *
     * @param vocabularySize number of logits, 1 or more
     * @param suppressed     ids that are never chosen; ids outside of the vocabulary have no effect
     * @throws WinnowException if no token is left
     */
    public static TokenSampler of(SamplingOptions options, int vocabularySize, BitSet suppressed) {
        int[] ids = suppressed.stream().takeWhile(id -> id < vocabularySize).toArray();
        if (ids.length >= vocabularySize) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "All " + vocabularySize + " tokens of the vocabulary are suppressed, so none can be chosen; suppress fewer.");
        }
        return new TokenSampler(options, vocabularySize, ids);
    }

    /** Returns the seed in use, 0 to 2³²−1: the one of the options or the one that was drawn in its place. */
    public long seed() {
        return Integer.toUnsignedLong(seed);
    }

    /**
     * Chooses a token. Does not {@link #accept} it.
     *
     * @param logits [vocabulary size]; not changed
     * @return the id
     * @throws WinnowException if the logits are not numbers
     */
    public int sample(float[] logits) {
        if (logits.length != vocabularySize) {
            throw new IllegalArgumentException(logits.length + " logits for a vocabulary of " + vocabularySize + " tokens");
        }
        return candidates == null ? mostLikely(logits) : draw(logits, candidates);
    }

    /** Remembers a token for the penalties: each token of the prompt, then each chosen one. */
    public void accept(int token) {
        if (recent != null) {
            recent.accept(token);
        }
    }

    private int mostLikely(float[] logits) {
        int best = -1;
        int from = 0;
        for (int gap = 0; gap <= suppressed.length; gap++) {
            int to = gap < suppressed.length ? suppressed[gap] : vocabularySize;
            for (int id = from; id < to; id++) {
                if (best < 0 || !(logits[id] <= logits[best])) { // also true for a NaN
                    best = id;
                    if (Float.isNaN(logits[id])) {
                        Candidates.requireFinite(logits[id]);
                    }
                }
            }
            from = to + 1;
        }
        Candidates.requireFinite(logits[best]);
        return best;
    }

    private int draw(float[] logits, Candidates tokens) {
        tokens.clear();
        int from = 0;
        for (int id : suppressed) {
            tokens.addRange(logits, from, id);
            from = id + 1;
        }
        tokens.addRange(logits, from, vocabularySize);
        tokens.maximum();
        for (SamplingOptions.Sampler sampler : sequence) {
            switch (sampler) {
                case PENALTIES -> penalties(tokens);
                case TOP_K -> topK(tokens);
                case TOP_P -> topP(tokens);
                case MIN_P -> minP(tokens);
                case TEMPERATURE -> temperature(tokens);
            }
        }
        return drawByProbability(tokens);
    }

    private void penalties(Candidates tokens) {
        if (recent != null) {
            recent.penalise(tokens);
        }
    }

    private void topK(Candidates tokens) {
        if (options.topK() > 0) {
            int count = Math.min(options.topK(), tokens.size());
            tokens.orderTop(count);
            tokens.cut(count);
        }
    }

    /** Keeps the shortest run of the best candidates whose probabilities add up to p. Sums are floats, as in llama.cpp. */
    private void topP(Candidates tokens) {
        if (options.topP() >= 1) {
            return;
        }
        float maximum = tokens.maximum();
        float sum = 0;
        for (int i = 0; i < tokens.size(); i++) {
            sum += exp(tokens.logit(i) - maximum);
        }
        float reached = 0;
        int ordered = 0;
        int kept = 0;
        while (kept < tokens.size() && (kept == 0 || reached < options.topP())) {
            if (kept == ordered) {
                ordered = ordered == 0 ? FIRST_ORDERED : ordered * 8;
                tokens.orderTop(ordered);
            }
            reached += exp(tokens.logit(kept) - maximum) / sum;
            kept++;
        }
        tokens.cut(kept);
    }

    private void minP(Candidates tokens) {
        if (options.minP() > 0) {
            tokens.retainAtLeast(tokens.maximum() + (float) Math.log(options.minP()));
        }
    }

    private void temperature(Candidates tokens) {
        float temperature = options.temperature();
        // A temperature so small that the logits overflow has its limit's effect.
        if (temperature <= 0 || !Float.isFinite(tokens.maximum() / temperature)) {
            tokens.orderTop(1);
            tokens.cut(1);
        } else {
            tokens.divide(temperature);
        }
    }

    private int drawByProbability(Candidates tokens) {
        double uniform = random.nextUniform(); // one number per token, also if there is nothing to choose
        if (tokens.size() == 1) {
            return tokens.id(0);
        }
        float maximum = tokens.maximum();
        double sum = 0;
        for (int i = 0; i < tokens.size(); i++) {
            sum += exp(tokens.logit(i) - maximum);
        }
        double target = sum * uniform;
        double reached = 0;
        for (int i = 0; i < tokens.size(); i++) {
            reached += exp(tokens.logit(i) - maximum);
            if (reached >= target) {
                return tokens.id(i);
            }
        }
        return tokens.id(tokens.size() - 1);
    }

    private static float exp(float x) {
        return (float) Math.exp(x);
    }
}
