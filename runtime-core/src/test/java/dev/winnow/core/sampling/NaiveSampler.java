package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The sampler chain written down as its definition says, with lists and full sorts. */
final class NaiveSampler {

    record Token(int id, float logit) {}

    private static final Comparator<Token> BEST_FIRST = Comparator.comparingDouble((Token token) -> -token.logit())
            .thenComparingInt(Token::id);

    private final SamplingOptions options;
    private final MersenneTwister random;
    private final List<Integer> history = new ArrayList<>();

    NaiveSampler(SamplingOptions options) {
        this.options = options;
        random = new MersenneTwister((int) options.seed());
    }

    void accept(int token) {
        history.add(token);
    }

    /** Returns the candidates that the chain leaves, in order. */
    List<Token> chain(float[] logits, List<Integer> suppressed) {
        List<Token> tokens = new ArrayList<>();
        for (int id = 0; id < logits.length; id++) {
            if (!suppressed.contains(id)) {
                tokens.add(new Token(id, logits[id]));
            }
        }
        for (SamplingOptions.Sampler sampler : options.sequence()) {
            tokens = switch (sampler) {
                case PENALTIES -> penalties(tokens);
                case TOP_K -> options.topK() == 0 ? tokens : tokens.stream().sorted(BEST_FIRST).limit(options.topK()).toList();
                case TOP_P -> topP(tokens);
                case MIN_P -> minP(tokens);
                case TEMPERATURE -> temperature(tokens);
            };
        }
        return tokens;
    }

    int sample(float[] logits, List<Integer> suppressed) {
        List<Token> tokens = chain(logits, suppressed);
        double uniform = random.nextUniform();
        float max = max(tokens);
        double sum = 0;
        for (Token token : tokens) {
            sum += (float) Math.exp(token.logit() - max);
        }
        double reached = 0;
        for (Token token : tokens) {
            reached += (float) Math.exp(token.logit() - max);
            if (reached >= uniform * sum) {
                return token.id();
            }
        }
        throw new AssertionError();
    }

    private List<Token> penalties(List<Token> tokens) {
        int window = options.repeatLastN() < 0 ? history.size() : Math.min(options.repeatLastN(), history.size());
        List<Integer> recent = history.subList(history.size() - window, history.size());
        List<Token> result = new ArrayList<>();
        for (Token token : tokens) {
            int count = Collections.frequency(recent, token.id());
            float logit = token.logit();
            if (count > 0) {
                logit = logit <= 0 ? logit * options.repeatPenalty() : logit / options.repeatPenalty();
                logit -= count * options.frequencyPenalty() + options.presencePenalty();
            }
            result.add(new Token(token.id(), logit));
        }
        return result;
    }

    private List<Token> topP(List<Token> tokens) {
        if (options.topP() >= 1) {
            return tokens;
        }
        float max = max(tokens);
        float sum = 0;
        for (Token token : tokens) {
            sum += (float) Math.exp(token.logit() - max);
        }
        List<Token> kept = new ArrayList<>();
        float reached = 0;
        for (Token token : tokens.stream().sorted(BEST_FIRST).toList()) {
            kept.add(token);
            reached += (float) Math.exp(token.logit() - max) / sum;
            if (reached >= options.topP()) {
                break;
            }
        }
        return kept;
    }

    private List<Token> minP(List<Token> tokens) {
        float threshold = max(tokens) + (float) Math.log(options.minP());
        return options.minP() <= 0 ? tokens : tokens.stream().filter(token -> token.logit() >= threshold).toList();
    }

    private List<Token> temperature(List<Token> tokens) {
        if (options.temperature() <= 0) {
            return List.of(Collections.min(tokens, BEST_FIRST));
        }
        return tokens.stream().map(token -> new Token(token.id(), token.logit() / options.temperature())).toList();
    }

    private static float max(List<Token> tokens) {
        return (float) tokens.stream().mapToDouble(Token::logit).max().orElseThrow();
    }
}
