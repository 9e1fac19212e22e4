package dev.winnow.api;

import java.util.Arrays;
import java.util.List;

/**
 * What to generate.
 *
 * @param prompt       token ids of the whole prompt; the part that the session already holds is not computed again
 * @param maxTokens    number of tokens to produce; −1 for until the context is full
 * @param sampling     how tokens are chosen
 * @param stopStrings  texts that end the generation; they are not part of the result
 * @param ignoreEos    whether end-of-generation tokens are never chosen
 * @param cancellation stops the generation from outside
 */
public record GenerationRequest(List<Integer> prompt, int maxTokens, SamplingOptions sampling, List<String> stopStrings, boolean ignoreEos,
        Cancellation cancellation) {

    /** Copies the lists. */
    public GenerationRequest {
        prompt = List.copyOf(prompt);
        stopStrings = List.copyOf(stopStrings);
    }

    /** Returns a request with default sampling, until the context is full. */
    public static GenerationRequest of(int... prompt) {
        return new GenerationRequest(Arrays.stream(prompt).boxed().toList(), -1, SamplingOptions.defaults(), List.of(), false,
                Cancellation.never());
    }

    /** Returns this request with another limit. */
    public GenerationRequest withMaxTokens(int value) {
        return new GenerationRequest(prompt, value, sampling, stopStrings, ignoreEos, cancellation);
    }

    /** Returns this request with other sampling. */
    public GenerationRequest withSampling(SamplingOptions value) {
        return new GenerationRequest(prompt, maxTokens, value, stopStrings, ignoreEos, cancellation);
    }

    /** Returns this request with stop strings. */
    public GenerationRequest withStopStrings(List<String> value) {
        return new GenerationRequest(prompt, maxTokens, sampling, value, ignoreEos, cancellation);
    }

    /** Returns this request with or without end-of-generation tokens. */
    public GenerationRequest withIgnoreEos(boolean value) {
        return new GenerationRequest(prompt, maxTokens, sampling, stopStrings, value, cancellation);
    }

    /** Returns this request with a way to stop it. */
    public GenerationRequest withCancellation(Cancellation value) {
        return new GenerationRequest(prompt, maxTokens, sampling, stopStrings, ignoreEos, value);
    }
}
