package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Perplexity as llama-perplexity computes it (llama.cpp, tools/perplexity): the text is cut into chunks of one context, the first token of each is replaced by
 * BOS if the model adds one, and the second half of each chunk is scored.
 */
public final class Perplexity {

    private double sum;
    private double squares;
    private int count;

    private Perplexity() {}

    /**
     * The result.
     *
     * @param perplexity   e to the mean negative log-likelihood
     * @param error        standard error: perplexity · √(variance of the negative log-likelihoods / (tokens − 1))
     * @param running      perplexity after each chunk
     * @param tokensScored number of scored tokens
     * @param contextLength tokens of a chunk
     * @param sparsity     what the refiners kept
     */
    public record Result(double perplexity, double error, List<Double> running, int tokensScored, int contextLength, Sparsity sparsity) {
        /** Copies the list. */
        public Result {
            running = List.copyOf(running);
        }

        /** Returns the result as fields of a report. */
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("n_ctx", contextLength);
            fields.put("n_chunks", running.size());
            fields.put("n_tokens", tokensScored);
            fields.put("ppl", perplexity);
            fields.put("ppl_error", error);
            fields.put("ppl_running", running);
            return fields;
        }

        /** Returns the line that ends the output of llama-perplexity. */
        public String finalEstimate() {
            return String.format(Locale.ROOT, "Final estimate: PPL = %.4f +/- %.5f", perplexity, error);
        }
    }

    /**
     * Measures a text.
     *
     * @param options       options of the session; its context length is the chunk length, 0 for 512
     * @param mostChunks    number of chunks; 0 for all
     * @param decodeTokens  0 to score the second half of each chunk, computed as a prompt; otherwise the last N tokens are scored, each predicted from a token
     *                      that was appended alone, as in generation
     * @param chunkListener told of each chunk: its number from 1, and the perplexity so far
     * @throws WinnowException if the text has less than two chunks, or if the refiners of {@code options} removed nothing
     */
    public static Result measure(Model model, SessionOptions options, String text, int mostChunks, int decodeTokens,
            BiConsumer<Integer, Double> chunkListener) {
        return measure(model, options, text, mostChunks, decodeTokens, chunkListener, ProgressListener.SILENT);
    }

    /**
     * Measures a text.
     *
     * @param options       options of the session; its context length is the chunk length, 0 for 512
     * @param mostChunks    number of chunks; 0 for all
     * @param decodeTokens  as above
     * @param chunkListener told of each chunk: its number from 1, and the perplexity so far
     * @param progress      told of the computed tokens of all chunks
     * @throws WinnowException if the text has less than two chunks, or if the refiners of {@code options} removed nothing
     */
    public static Result measure(Model model, SessionOptions options, String text, int mostChunks, int decodeTokens,
            BiConsumer<Integer, Double> chunkListener, ProgressListener progress) {
        TextChunks chunks = TextChunks.of(model.tokenizer(), text, options.contextLength(), mostChunks);
        Perplexity perplexity = new Perplexity();
        return perplexity.run(model, options, chunks, decodeTokens,
                (position, logits, next) -> perplexity.add(LogSoftmax.of(logits).negativeLogLikelihood(logits, next)), chunkListener,
                progress);
    }

    /**
     * Measures a text and saves the log-probabilities of every scored position, for {@link KlComparison}.
     *
     * @param options       options of the session; its context length is the chunk length, 0 for 512
     * @param mostChunks    number of chunks; 0 for all
     * @param file          written in llama.cpp's format ({@code --kl-divergence-base}); replaced if it exists
     * @param chunkListener told of each chunk: its number from 1, and the perplexity so far
     * @param progress      told of the computed tokens of all chunks
     * @throws WinnowException as {@link #measure}, and if the file cannot be written
     */
    public static Result measureAndSave(Model model, SessionOptions options, String text, int mostChunks, Path file,
            BiConsumer<Integer, Double> chunkListener, ProgressListener progress) {
        TextChunks chunks = TextChunks.of(model.tokenizer(), text, options.contextLength(), mostChunks);
        Perplexity perplexity = new Perplexity();
        try (KldWriter writer = new KldWriter(file, chunks, model.info().vocabularySize())) {
            Result result = perplexity.run(model, options, chunks, 0,
                    (position, logits, next) -> perplexity.add(writer.write(logits, next)), chunkListener, progress);
            writer.finish();
            return result;
        }
    }

    private Result run(Model model, SessionOptions options, TextChunks chunks, int decodeTokens, ChunkScorer.PositionListener listener,
            BiConsumer<Integer, Double> chunkListener, ProgressListener progress) {
        List<Double> running = new ArrayList<>();
        Sparsity sparsity = ChunkScorer.run(model, options, chunks, decodeTokens, listener, index -> {
            running.add(perplexity());
            chunkListener.accept(index + 1, perplexity());
        }, progress);
        return new Result(perplexity(), error(), running, count, chunks.length(), sparsity);
    }

    private void add(double negativeLogLikelihood) {
        sum += negativeLogLikelihood;
        squares += negativeLogLikelihood * negativeLogLikelihood;
        count++;
    }

    private double perplexity() {
        return Math.exp(sum / count);
    }

    private double error() {
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return variance > 0 && count > 1 ? perplexity() * Math.sqrt(variance / (count - 1)) : 0;
    }
}
