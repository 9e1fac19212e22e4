package dev.winnow.core.eval;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Perplexity as llama-perplexity computes it (llama.cpp, tools/perplexity): the text is cut into chunks of one context, the first token of each is replaced by
 * BOS if the model adds one, and the second half of each chunk is scored.
 */
public final class Perplexity {

    private Perplexity() {}

    /**
     * The result.
     *
     * @param perplexity   e to the mean negative log-likelihood
     * @param error        standard error
     * @param running      perplexity after each chunk
     * @param tokensScored number of scored tokens
     */
    public record Result(double perplexity, double error, List<Double> running, int tokensScored) {
        /** Copies the list. */
        public Result {
            running = List.copyOf(running);
        }
    }

    /**
     * Measures a text.
     *
     * @param options       options of the session; its context length is the chunk length, 0 for 512
     * @param mostChunks    number of chunks; 0 for all
     * @param decodeTokens  0 to score the second half of each chunk in the batch path; otherwise the last N tokens are scored, appended one by one
     * @param chunkListener told of each chunk: its number from 1, and the perplexity so far
     * @throws WinnowException if the text has less than two chunks
     */
    public static Result measure(Model model, SessionOptions options, String text, int mostChunks, int decodeTokens,
            BiConsumer<Integer, Double> chunkListener) {
        int length = options.contextLength() == 0 ? 512 : options.contextLength();
        int[] tokens = model.tokenizer().encode(text, true, false);
        if (tokens.length < 2 * length) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The text has " + tokens.length + " tokens, but a context of " + length + " needs at least "
                            + 2 * length + ": give a longer text, or a shorter context (-c).");
        }
        if (decodeTokens < 0 || decodeTokens > length - 2) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "The number of decoded tokens is " + decodeTokens + ", but must be from 0 to " + (length - 2) + ".");
        }
        int chunks = tokens.length / length;
        if (mostChunks > 0) {
            chunks = Math.min(chunks, mostChunks);
        }
        int firstScored = decodeTokens == 0 ? length / 2 : length - 1 - decodeTokens;
        Scores scores = new Scores(firstScored);
        List<Double> running = new ArrayList<>();
        try (Session session = model.newSession(options.withContextLength(length))) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                int[] part = Arrays.copyOfRange(tokens, chunk * length, (chunk + 1) * length);
                if (model.tokenizer().addsBos()) {
                    part[0] = model.tokenizer().bosToken().orElse(part[0]);
                }
                session.truncate(0);
                scores.begin(part);
                score(session, part, decodeTokens, scores);
                running.add(scores.perplexity());
                chunkListener.accept(chunk + 1, scores.perplexity());
            }
        }
        return new Result(scores.perplexity(), scores.error(), running, scores.count);
    }

    private static void score(Session session, int[] part, int decodeTokens, Scores scores) {
        int batch = decodeTokens == 0 ? part.length : part.length - 1 - decodeTokens;
        session.append(Arrays.copyOf(part, batch), scores, Cancellation.never(), ProgressListener.SILENT);
        for (int i = batch; i < part.length - 1; i++) {
            session.append(new int[]{part[i]}, scores, Cancellation.never(), ProgressListener.SILENT);
        }
    }

    /** Sums of negative log-likelihoods. */
    private static final class Scores implements LogitsConsumer {

        private final int firstScored;
        private int[] tokens = new int[0];
        private double sum;
        private double squares;
        private int count;

        Scores(int firstScored) {
            this.firstScored = firstScored;
        }

        void begin(int[] chunk) {
            tokens = chunk;
        }

        @Override
        public boolean wants(int position) {
            return position >= firstScored && position < tokens.length - 1;
        }

        @Override
        public void accept(int position, float[] logits) {
            double loss = LogSoftmax.negativeLogLikelihood(logits, tokens[position + 1]);
            sum += loss;
            squares += loss * loss;
            count++;
        }

        double perplexity() {
            return Math.exp(sum / count);
        }

        double error() {
            double mean = sum / count;
            double variance = squares / count - mean * mean;
            return variance > 0 && count > 1 ? perplexity() * Math.sqrt(variance / (count - 1)) : 0;
        }
    }
}
