package dev.winnow.core.eval;

import dev.winnow.api.Cancellation;
import dev.winnow.api.LogitsConsumer;
import dev.winnow.api.Model;
import dev.winnow.api.ProgressListener;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.spi.AttentionPhase;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Runs chunk after chunk through a session and hands out the logits of the scored positions. */
final class ChunkScorer {

    /** Receives the logits that predict a token. */
    @FunctionalInterface
    interface PositionListener {
        /** The logits [vocabulary size] of a position, valid during the call, and the token that follows in the text. */
        void position(int position, float[] logits, int next);
    }

    private ChunkScorer() {}

    /**
     * Runs all chunks.
     *
     * @param decodeTokens  0 to score the second half of each chunk, computed as a prompt; otherwise the last {@code decodeTokens} tokens of each chunk are
     *                      scored, each predicted from a token that was appended alone, as in generation
     * @param chunkFinished told of each finished chunk, from 0
     * @param progress      told of computed tokens
     * @return what the refiners kept
     * @throws WinnowException if refiners were asked for, but removed nothing
     */
    static Sparsity run(Model model, SessionOptions options, TextChunks chunks, int decodeTokens, PositionListener listener,
            IntConsumer chunkFinished, ProgressListener progress) {
        int most = chunks.length() - 2;
        if (decodeTokens < 0 || decodeTokens > most) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The number of decoded tokens is " + decodeTokens
                    + ", but a context of " + chunks.length() + " takes 0 to " + most + ".");
        }
        int firstScored = decodeTokens == 0 ? chunks.firstScored() : chunks.length() - 1 - decodeTokens;
        try (Session session = model.newSession(options.withContextLength(chunks.length()))) {
            for (int index = 0; index < chunks.count(); index++) {
                session.truncate(0);
                int[] chunk = chunks.chunk(index, model.tokenizer());
                int before = index * chunks.length();
                run(session, chunk, decodeTokens, scored(chunk, firstScored, listener),
                        (done, all) -> progress.progress(before + done, chunks.count() * chunks.length()));
                chunkFinished.accept(index);
            }
            RefinerActivity.of(session).require();
            return Sparsity.of(session.refiners(), PhaseShare.of(session, AttentionPhase.PREFILL),
                    PhaseShare.of(session, AttentionPhase.DECODE));
        }
    }

    private static void run(Session session, int[] chunk, int decodeTokens, LogitsConsumer logits, ProgressListener progress) {
        int asPrompt = decodeTokens == 0 ? chunk.length : chunk.length - 1 - decodeTokens;
        session.append(Arrays.copyOf(chunk, asPrompt), logits, Cancellation.never(), progress);
        for (int i = asPrompt; i < chunk.length - 1; i++) {
            session.append(new int[]{chunk[i]}, logits, Cancellation.never(), ProgressListener.SILENT);
            progress.progress(i + 1, chunk.length);
        }
    }

    private static LogitsConsumer scored(int[] chunk, int firstScored, PositionListener listener) {
        return new LogitsConsumer() {
            @Override
            public boolean wants(int position) {
                return position >= firstScored && position < chunk.length - 1;
            }

            @Override
            public void accept(int position, float[] logits) {
                listener.position(position, logits, chunk[position + 1]);
            }
        };
    }
}
