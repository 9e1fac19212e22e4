package dev.winnow.core.sampling;

import dev.winnow.api.SamplingOptions.Sampler;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.List;

/** Reads llama.cpp's short text for a chain of samplers, for example {@code edskypmxt}. */
public final class SamplerSequence {

    private SamplerSequence() {}

    /**
     * Returns the samplers of a text. The letters d, s, y and x stand for samplers that are off unless they are configured; they are accepted and do nothing.
     *
     * @throws WinnowException for an unknown letter; the message lists the known ones
     */
    public static List<Sampler> parse(String text) {
        List<Sampler> samplers = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            switch (letter) {
                case 'e' -> samplers.add(Sampler.PENALTIES);
                case 'k' -> samplers.add(Sampler.TOP_K);
                case 'p' -> samplers.add(Sampler.TOP_P);
                case 'm' -> samplers.add(Sampler.MIN_P);
                case 't' -> samplers.add(Sampler.TEMPERATURE);
                case 'd', 's', 'y', 'x' -> {
                    // DRY, top-n-sigma, typical-p and XTC: off by default in llama.cpp, and Winnow has no options to switch them on
                }
                default -> throw new WinnowException(WinnowException.Kind.USAGE, "The sampler '" + letter
                        + "' is not known; known are e (penalties), k (top-k), p (top-p), m (min-p), t (temperature), and d, s, y, x, which do nothing.");
            }
        }
        return samplers;
    }
}
