package dev.winnow.core.calibration;

import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.TextChunks;
import dev.winnow.core.runtime.RefinedModel;
import java.util.ArrayList;
import java.util.List;

/** Runs a whole model with a choice and compares its predictions with those of dense attention. Not thread-safe. */
final class Trials {

    /** Log-probabilities that are kept for comparison, over all texts, for each phase: 256 MB. */
    private static final int MOST_LOG_PROBABILITIES = 1 << 26;

    /** Tokens at the end of a text that are computed one by one. */
    private static final int DECODE_TOKENS = 512;

    private final RefinedModel model;
    private final SessionOptions dense;

    Trials(RefinedModel model, SessionOptions dense) {
        this.model = model;
        this.dense = dense;
    }

    /**
     * Computes what dense attention predicts.
     *
     * @param session without refiners that remove anything
     * @param chunk   number of a context of the text
     * @param texts   number of references that are held at the same time
     */
    DenseReference reference(Session session, TextChunks text, int chunk, int texts) {
        int most = Math.max(1, MOST_LOG_PROBABILITIES / model.info().vocabularySize() / texts);
        int decodeTokens = Math.min(Math.min(DECODE_TOKENS, most), dense.contextLength() / 4);
        return new DenseReference(session, text.chunk(chunk, model.tokenizer()), most, decodeTokens);
    }

    /** Returns what prompts show. */
    Trial prompts(Choice choice, List<DenseReference> references) {
        return run(choice, references, DenseReference::comparePrompt);
    }

    /** Returns what generation shows, after prompts of the same choice. */
    Trial generation(Choice choice, List<DenseReference> references) {
        return run(choice, references, DenseReference::compareGeneration);
    }

    /** How a session is compared with a reference. */
    @FunctionalInterface
    private interface Comparison {
        PhaseStatistics compare(DenseReference reference, Session session, KlDivergence target);
    }

    private Trial run(Choice choice, List<DenseReference> references, Comparison comparison) {
        KlDivergence divergence = new KlDivergence();
        List<PhaseStatistics> costs = new ArrayList<>();
        for (DenseReference reference : references) {
            try (Session session = model.newSession(dense.withRefiner(Choice.REFINER, choice.settings()))) {
                costs.add(comparison.compare(reference, session, divergence));
            }
        }
        return Trial.of(divergence, costs);
    }
}
