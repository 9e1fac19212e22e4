package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.SamplingOptions;
import dev.winnow.api.Session;
import dev.winnow.api.Tokenizer;
import dev.winnow.core.sampling.TokenSampler;
import java.util.Arrays;
import java.util.BitSet;

/** Takes the most likely token, again and again. Not thread-safe. */
final class Greedy {

    private final Tokenizer tokenizer;
    private final TokenSampler sampler;

    /**
     * Creates a chooser for the sessions of a model.
     *
     * @param ignoreEos whether tokens that end a generation are never taken
     */
    Greedy(Model model, boolean ignoreEos) {
        tokenizer = model.tokenizer();
        int vocabularySize = model.info().vocabularySize();
        BitSet suppressed = new BitSet();
        for (int token = 0; ignoreEos && token < Math.min(vocabularySize, tokenizer.vocabularySize()); token++) {
            suppressed.set(token, tokenizer.isEndOfGeneration(token));
        }
        sampler = TokenSampler.of(SamplingOptions.greedy(), vocabularySize, suppressed);
    }

    /** Returns the most likely token. */
    int choose(float[] logits) {
        return sampler.sample(logits);
    }

    /**
     * Appends the most likely tokens one by one. A token that ends a generation ends the result, without being part of it.
     *
     * @param logits of the session's last token
     * @param limit  number of tokens
     */
    int[] continueWith(Session session, float[] logits, int limit) {
        int[] tokens = new int[limit];
        float[] current = logits;
        for (int count = 0; count < limit; count++) {
            int token = choose(current);
            if (tokenizer.isEndOfGeneration(token)) {
                return Arrays.copyOf(tokens, count);
            }
            tokens[count] = token;
            if (count + 1 < limit) {
                session.append(token);
                current = session.logits();
            }
        }
        return tokens;
    }
}
