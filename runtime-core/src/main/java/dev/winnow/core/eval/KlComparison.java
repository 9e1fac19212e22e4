package dev.winnow.core.eval;

import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Compares a model with the log-probabilities of a file, as {@code llama-perplexity --kl-divergence} does. */
public final class KlComparison {

    private KlComparison() {}

    /**
     * The result.
     *
     * @param statistics    how far the predictions are apart
     * @param contextLength tokens of a chunk
     * @param chunks        number of chunks
     * @param sparsity      what the refiners kept
     */
    public record Result(KlStatistics statistics, int contextLength, int chunks, Sparsity sparsity) {

        /** Returns the result as fields of a report. */
        public Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("n_ctx", contextLength);
            fields.put("n_chunks", chunks);
            fields.putAll(statistics.fields());
            return fields;
        }
    }

    /**
     * Computes the text of a file of log-probabilities again and compares.
     *
     * @param options       options of the session; the context length is the file's
     * @param base          written by {@link Perplexity#measureAndSave} or by {@code llama-perplexity --kl-divergence-base}
     * @param mostChunks    number of chunks; 0 for all
     * @param decodeTokens  0 to compare the second half of each chunk, computed as a prompt; otherwise the last N tokens are compared, each predicted from a
     *                      token that was appended alone, as in generation
     * @param chunkListener told of each chunk: its number from 1, and the statistics so far
     * @param progress      told of the computed tokens of all chunks
     * @throws WinnowException if the file cannot be read, was written with another vocabulary, or if the refiners of {@code options} removed nothing
     */
    public static Result measure(Model model, SessionOptions options, Path base, int mostChunks, int decodeTokens,
            BiConsumer<Integer, KlStatistics> chunkListener, ProgressListener progress) {
        try (KldReader reader = new KldReader(base)) {
            int vocabularySize = model.info().vocabularySize();
            if (reader.vocabularySize() != vocabularySize) {
                throw new WinnowException(WinnowException.Kind.USAGE,
                        "The file of log-probabilities " + base + " was written with a vocabulary of " + reader.vocabularySize()
                                + " tokens, but the model has " + vocabularySize + "; write it again with a model of the same vocabulary.");
            }
            TextChunks chunks = reader.chunks().limited(mostChunks);
            int stored = KldFormat.positionsPerChunk(chunks.length());
            if (decodeTokens > stored) {
                throw new WinnowException(WinnowException.Kind.USAGE, "The number of decoded tokens is " + decodeTokens
                        + ", but the file of log-probabilities has only " + stored + " positions per chunk.");
            }
            KlDivergence divergence = new KlDivergence();
            float[] logProbabilities = new float[vocabularySize];
            Sparsity sparsity = ChunkScorer.run(model, options, chunks, decodeTokens, (position, logits, next) -> {
                int skipped = decodeTokens > 0 && position == chunks.length() - 1 - decodeTokens ? position - chunks.firstScored() : 0;
                for (int i = 0; i <= skipped; i++) { // the positions before the first decoded one are in the file too
                    reader.next(logProbabilities);
                }
                divergence.add(logProbabilities, logits, next);
            }, index -> chunkListener.accept(index + 1, divergence.statistics()), progress);
            return new Result(divergence.statistics(), chunks.length(), chunks.count(), sparsity);
        }
    }
}
