package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions.Sampler;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the order of samplers from llama.cpp's short text: one letter per sampler, for example {@code edskypmxt}.
 *
 * <p>Winnow has {@code e} (penalties), {@code k} (top-k), {@code p} (top-p), {@code m} (min-p) and {@code t} (temperature). The letters {@code d} (DRY),
 * {@code s} (top-n-sigma), {@code y} (typical-p) and {@code x} (XTC) are accepted and have no effect: these samplers do nothing in llama.cpp unless an option
 * that Winnow does not have turns them on, so that a sequence means the same in both.
 */
public final class SamplerSequence {

    private static final String OFF_BY_DEFAULT = "dsyx";

    private SamplerSequence() {}

    /**
     * Returns the samplers of a text, in its order.
     *
     * @param letters any of {@code edskypmxt}; an empty text draws from the unchanged probabilities
     * @throws WinnowException for another letter
     */
    public static List<Sampler> parse(String letters) {
        List<Sampler> sequence = new ArrayList<>();
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            switch (letter) {
                case 'e' -> sequence.add(Sampler.PENALTIES);
                case 'k' -> sequence.add(Sampler.TOP_K);
                case 'p' -> sequence.add(Sampler.TOP_P);
                case 'm' -> sequence.add(Sampler.MIN_P);
                case 't' -> sequence.add(Sampler.TEMPERATURE);
                default -> requireOffByDefault(letter, letters);
            }
        }
        return List.copyOf(sequence);
    }

    private static void requireOffByDefault(char letter, String letters) {
        if (OFF_BY_DEFAULT.indexOf(letter) < 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The sampler sequence '" + letters + "' has the unknown letter '" + letter
                    + "'; known: e (penalties), k (top-k), p (top-p), m (min-p), t (temperature), and without effect d, s, y, x.");
        }
    }
}
