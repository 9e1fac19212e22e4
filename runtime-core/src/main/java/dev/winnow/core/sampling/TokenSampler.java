package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions;
import java.util.BitSet;
import java.util.concurrent.ThreadLocalRandom;

/** Chooses the next token from logits. Belongs to one generation; not thread-safe; allocates nothing per token. */
public final class TokenSampler {

    private final SamplingOptions options;
    private final BitSet suppressed;
    private final MersenneTwister random;
    private final float[] work; // [vocabulary], logits after penalties
    private final int[] ids; // [vocabulary], candidates, the most likely first
    private final float[] logits; // [vocabulary], of the candidates
    private final double[] probabilities; // [vocabulary], of the candidates
    private final int[] recent; // ring of accepted tokens
    private final int[] occurrences; // [vocabulary], among the recent tokens
    private int accepted;
    private int count;

    private TokenSampler(SamplingOptions options, int vocabularySize, BitSet suppressed) {
        this.options = options;
        this.suppressed = suppressed;
        int seed = options.seed() == -1 ? ThreadLocalRandom.current().nextInt() : (int) options.seed();
        random = new MersenneTwister(seed);
        work = new float[vocabularySize];
        ids = new int[vocabularySize];
        logits = new float[vocabularySize];
        probabilities = new double[vocabularySize];
        occurrences = new int[vocabularySize];
        recent = new int[options.repeatLastN() < 0 ? 1 << 16 : options.repeatLastN()];
    }

    /**
     * Returns a sampler.
     *
     * @param suppressed tokens that are never chosen
     */
    public static TokenSampler of(SamplingOptions options, int vocabularySize, BitSet suppressed) {
        return new TokenSampler(options, vocabularySize, (BitSet) suppressed.clone());
    }

    /** Tells the sampler of a token of the prompt or of the answer, for the penalties. */
    public void accept(int token) {
        if (recent.length == 0) {
            return;
        }
        int slot = accepted % recent.length;
        if (accepted >= recent.length) {
            occurrences[recent[slot]]--;
        }
        recent[slot] = token;
        occurrences[token]++;
        accepted++;
    }

    /**
     * Chooses a token.
     *
     * @param source logits, [vocabulary]; left unchanged
     */
    public int sample(float[] source) {
        System.arraycopy(source, 0, work, 0, work.length);
        for (int token = suppressed.nextSetBit(0); token >= 0; token = suppressed.nextSetBit(token + 1)) {
            work[token] = Float.NEGATIVE_INFINITY;
        }
        count = -1;
        for (SamplingOptions.Sampler step : options.sequence()) {
            switch (step) {
                case PENALTIES -> penalise();
                case TOP_K -> topK();
                case TOP_P -> topP();
                case MIN_P -> minP();
                case TEMPERATURE -> temperature();
            }
        }
        sortAllIfNeeded();
        return draw();
    }

    private void penalise() {
        for (int i = 0; i < Math.min(accepted, recent.length); i++) {
            int token = recent[i];
            if (occurrences[token] > 0 && isFirst(i)) {
                float logit = work[token];
                logit = logit <= 0 ? logit * options.repeatPenalty() : logit / options.repeatPenalty();
                work[token] = logit - occurrences[token] * options.frequencyPenalty() - options.presencePenalty();
            }
        }
    }

    /** Whether a slot of the ring holds the first occurrence of its token, so that each token is penalised once. */
    private boolean isFirst(int slot) {
        if (options.repeatPenalty() == 1 && options.frequencyPenalty() == 0 && options.presencePenalty() == 0) {
            return false;
        }
        for (int i = 0; i < slot; i++) {
            if (recent[i] == recent[slot]) {
                return false;
            }
        }
        return true;
    }

    private void sortAllIfNeeded() {
        if (count < 0) {
            select(work.length);
        }
    }

    private void topK() {
        int k = options.topK() == 0 ? work.length : Math.min(options.topK(), work.length);
        if (count < 0) {
            select(k);
        } else {
            count = Math.min(count, k);
        }
    }

    /** Puts the k largest logits in front, in falling order; of equals the lower id comes first. A heap of k keeps the cost near one pass. */
    private void select(int k) {
        count = 0;
        for (int token = 0; token < work.length; token++) {
            float logit = work[token];
            if (count < k) {
                ids[count] = token;
                logits[count] = logit;
                siftUp(count++);
            } else if (logit > logits[0]) {
                ids[0] = token;
                logits[0] = logit;
                siftDown(0, count);
            }
        }
        for (int end = count - 1; end > 0; end--) {
            swap(0, end);
            siftDown(0, end);
        }
    }

    /** Whether candidate a is less wanted than b. */
    private boolean below(int a, int b) {
        return logits[a] < logits[b] || (logits[a] == logits[b] && ids[a] > ids[b]);
    }

    private void siftUp(int from) {
        int at = from;
        while (at > 0 && below(at, (at - 1) / 2)) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    private void siftDown(int from, int end) {
        int at = from;
        while (true) {
            int least = at;
            for (int child = 2 * at + 1; child <= 2 * at + 2 && child < end; child++) {
                if (below(child, least)) {
                    least = child;
                }
            }
            if (least == at) {
                return;
            }
            swap(at, least);
            at = least;
        }
    }

    private void swap(int a, int b) {
        int id = ids[a];
        ids[a] = ids[b];
        ids[b] = id;
        float logit = logits[a];
        logits[a] = logits[b];
        logits[b] = logit;
    }

    private double softmax() {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            probabilities[i] = Math.exp(logits[i] - logits[0]);
            sum += probabilities[i];
        }
        return sum;
    }

    private void topP() {
        if (options.topP() >= 1) {
            return;
        }
        sortAllIfNeeded();
        double sum = softmax();
        double reached = 0;
        for (int i = 0; i < count; i++) {
            reached += probabilities[i] / sum;
            if (reached >= options.topP()) {
                count = i + 1;
            }
        }
    }

    private void minP() {
        if (options.minP() <= 0) {
            return;
        }
        sortAllIfNeeded();
        float least = logits[0] + (float) Math.log(options.minP());
        int kept = 1;
        while (kept < count && logits[kept] >= least) {
            kept++;
        }
        count = kept;
    }

    private void temperature() {
        if (options.temperature() <= 0) {
            if (count < 0) {
                select(1);
            }
            count = 1;
            return;
        }
        sortAllIfNeeded();
        for (int i = 0; i < count; i++) {
            logits[i] /= options.temperature();
        }
    }

    private int draw() {
        double sum = softmax();
        double target = random.nextDouble() * sum;
        double reached = 0;
        for (int i = 0; i < count; i++) {
            reached += probabilities[i];
            if (reached >= target) {
                return ids[i];
            }
        }
        return ids[count - 1];
    }
}
