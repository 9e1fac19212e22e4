package dev.winnow.api;

import java.util.List;

/**
 * How the next token is chosen. Defaults, order and meaning are llama.cpp's: penalties, top-k, top-p, min-p, temperature, draw.
 *
 * @param temperature      divides the logits; 0 or less takes the most likely token (the lowest id of equals)
 * @param topK             keeps the k most likely tokens; 0 for all
 * @param topP             keeps the smallest set of most likely tokens whose probability reaches p; 1 for all
 * @param minP             keeps tokens at least p times as likely as the most likely one; 0 for all
 * @param repeatPenalty    divides positive and multiplies negative logits of recent tokens; 1 for none
 * @param frequencyPenalty subtracted from the logit for each occurrence among the recent tokens; 0 for none
 * @param presencePenalty  subtracted once from the logits of recent tokens; 0 for none
 * @param repeatLastN      number of recent tokens that the penalties look at; 0 for none, −1 for the context
 * @param seed             seed of the random numbers; −1 for a random one
 * @param sequence         the samplers in order, out of {@link Sampler}; the draw comes last by itself
 */
public record SamplingOptions(float temperature, int topK, float topP, float minP, float repeatPenalty, float frequencyPenalty,
        float presencePenalty,
        int repeatLastN, long seed, List<Sampler> sequence) {

    /** One step of the sampler chain. */
    public enum Sampler {
        /** Repetition, frequency and presence penalties; {@code e} in a sequence text. */
        PENALTIES,
        /** Top-k; {@code k} in a sequence text. */
        TOP_K,
        /** Top-p; {@code p} in a sequence text. */
        TOP_P,
        /** Min-p; {@code m} in a sequence text. */
        MIN_P,
        /** Temperature; {@code t} in a sequence text. */
        TEMPERATURE
    }

    private static final List<Sampler> DEFAULT_SEQUENCE = List
            .of(Sampler.PENALTIES, Sampler.TOP_K, Sampler.TOP_P, Sampler.MIN_P, Sampler.TEMPERATURE);

    /** Checks ranges and copies the list. */
    public SamplingOptions {
        sequence = List.copyOf(sequence);
        require(topK >= 0, "top-k", topK, "0 or more");
        require(topP >= 0 && topP <= 1, "top-p", topP, "0 to 1");
        require(minP >= 0 && minP <= 1, "min-p", minP, "0 to 1");
        require(repeatPenalty > 0, "repeat-penalty", repeatPenalty, "more than 0");
        require(repeatLastN >= -1, "repeat-last-n", repeatLastN, "-1 or more");
        require(!Float.isNaN(temperature), "temp", temperature, "a number");
    }

    private static void require(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The sampling option " + name + " is " + value + ", but takes " + allowed + ".");
        }
    }

    /** Returns llama.cpp's defaults: temperature 0.8, top-k 40, top-p 0.95, min-p 0.05, no penalties, random seed. */
    public static SamplingOptions defaults() {
        return new SamplingOptions(0.8f, 40, 0.95f, 0.05f, 1, 0, 0, 64, -1, DEFAULT_SEQUENCE);
    }

    /** Returns options that always take the most likely token. */
    public static SamplingOptions greedy() {
        return defaults().withTemperature(0);
    }

    /** Returns these options with another temperature. */
    public SamplingOptions withTemperature(float value) {
        return new SamplingOptions(value, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, seed, sequence);
    }

    /** Returns these options with another top-k. */
    public SamplingOptions withTopK(int value) {
        return new SamplingOptions(temperature, value, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, seed,
                sequence);
    }

    /** Returns these options with another top-p. */
    public SamplingOptions withTopP(float value) {
        return new SamplingOptions(temperature, topK, value, minP, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, seed,
                sequence);
    }

    /** Returns these options with another min-p. */
    public SamplingOptions withMinP(float value) {
        return new SamplingOptions(temperature, topK, topP, value, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, seed,
                sequence);
    }

    /** Returns these options with other penalties. */
    public SamplingOptions withPenalties(float repeat, float frequency, float presence, int lastN) {
        return new SamplingOptions(temperature, topK, topP, minP, repeat, frequency, presence, lastN, seed, sequence);
    }

    /** Returns these options with another seed. */
    public SamplingOptions withSeed(long value) {
        return new SamplingOptions(temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, value,
                sequence);
    }

    /** Returns these options with another sequence of samplers. */
    public SamplingOptions withSequence(List<Sampler> value) {
        return new SamplingOptions(temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN, seed,
                value);
    }
}
