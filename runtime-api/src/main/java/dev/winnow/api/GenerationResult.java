package dev.winnow.api;

import java.util.List;

/**
 * What was generated.
 *
 * @param text            the text, without stop strings and control tokens
 * @param tokens          the ids, without the end-of-generation token
 * @param finishReason    why the generation ended
 * @param promptTokens    tokens of the prompt that were processed, cached ones included: all of them unless it was interrupted
 * @param cachedTokens    prompt tokens that the session already held
 * @param promptNanos     time for the prompt, in nanoseconds
 * @param generationNanos time from the first to the last token, in nanoseconds
 */
public record GenerationResult(String text, List<Integer> tokens, FinishReason finishReason, int promptTokens, int cachedTokens,
        long promptNanos,
        long generationNanos) {
    /** Copies the list. */
    public GenerationResult {
        tokens = List.copyOf(tokens);
    }

    /** Returns prompt tokens per second, cached tokens not counted. */
    public double promptTokensPerSecond() {
        return (promptTokens - cachedTokens) * 1e9 / Math.max(1, promptNanos);
    }

    /** Returns generated tokens per second. */
    public double generatedTokensPerSecond() {
        return tokens.size() * 1e9 / Math.max(1, generationNanos);
    }
}
