package dev.winnow.core.calibration;

import dev.winnow.api.Model;
import dev.winnow.api.PhaseStatistics;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.KlDivergence;
import dev.winnow.core.eval.TextChunks;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.core.runtime.RefinedModel;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds a sparse profile of a model: for each attention head the part of the estimated softmax mass that prompts keep, so that perplexity rises by no more than a
 * target.
 *
 * <p>The first context of each text is used for choosing, the last one for judging. One dense pass measures what each choice does to the output of each head
 * ({@link HeadProbe}). A single number, the price of damage, then gives a choice for all heads ({@link Allocation}), and bisection finds the smallest price at
 * which the whole model holds the target. The measure is the KL divergence from dense attention, whose mean is the expected change of the log-perplexity and
 * varies far less than the change itself; that one must not be above the target by more than its standard error either.
 */
public final class Calibration {

    /** The refiner that profiles are made for. */
    public static final String REFINER = "sparsek";

    /** Visible keys below which everything is kept. */
    private static final int MIN_CONTEXT = 1024;

    /** Whole-model runs: halvings of the range of prices. */
    private static final int TRIALS = 5;

    /** Part of the target that the texts for choosing may use up: other texts suffer more than those that a choice was made for. */
    private static final double MARGIN = 0.8;

    private static final double LOWEST_PRICE = 1;
    private static final double HIGHEST_PRICE = 1e4;

    /** Log-probabilities that are kept for comparison, over all texts: 256 MB. */
    private static final int MOST_LOG_PROBABILITIES = 1 << 26;

    private final RefinedModel model;
    private final SessionOptions dense;
    private final double target;
    private final Consumer<String> progress;

    private Calibration(RefinedModel model, SessionOptions options, double target, Consumer<String> progress) {
        this.model = model;
        this.dense = options.dense();
        this.target = target;
        this.progress = progress;
    }

    /**
     * Calibrates a model.
     *
     * @param model    made by this runtime
     * @param options  of the sessions; the context length is that of the measured texts, refiners are ignored
     * @param texts    each at least twice the context long
     * @param target   largest relative increase of the perplexity, for example 0.005
     * @param progress receives a line for each step
     * @return the profile; empty if no choice holds the target
     * @throws WinnowException if a text is too short, or the model has no layer whose keys can be left out
     */
    public static Optional<SparseProfile> run(Model model, SessionOptions options, List<String> texts, double target,
            Consumer<String> progress) {
        if (!(model instanceof RefinedModel refined)) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "Only a model that was loaded by Winnow's own runtime can be calibrated.");
        }
        if (options.contextLength() < 2 * MIN_CONTEXT) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The context of " + options.contextLength()
                    + " tokens is too short to calibrate: give " + 2 * MIN_CONTEXT + " or more (-c).");
        }
        return new Calibration(refined, options, target, progress).run(texts);
    }

    private Optional<SparseProfile> run(List<String> texts) {
        List<TextChunks> contexts = texts.stream().map(text -> TextChunks.of(model.tokenizer(), text, dense.contextLength(), 0)).toList();
        HeadDamage damage = new HeadDamage(model.layers(), Levels.count());
        List<DenseReference> references = new ArrayList<>();
        for (TextChunks text : contexts) {
            try (Session session = model.newSession(dense, "calibration", probe(damage))) {
                references.add(new DenseReference(session, text.chunk(0, model.tokenizer()), mostPositions(texts.size())));
            }
            progress.accept("measured the heads on text " + references.size() + " of " + texts.size());
        }
        if (model.layers().stream().noneMatch(layer -> damage.isMeasured(layer.index()))) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "No layer of the model sees more than " + MIN_CONTEXT + " keys, so there is nothing to leave out.");
        }
        Optional<Settings> best = search(damage, references);
        references.clear();
        if (best.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(judge(best.get(), contexts));
    }

    /** Judges by the text that suffers most: a mean over texts would let easy ones hide what a hard one loses. */
    private SparseProfile judge(Settings settings, List<TextChunks> texts) {
        List<Trial> trials = new ArrayList<>();
        for (TextChunks text : texts) {
            DenseReference reference;
            try (Session session = model.newSession(dense)) {
                reference = new DenseReference(session, text.chunk(text.count() - 1, model.tokenizer()), mostPositions(1));
            }
            trials.add(trial(settings, List.of(reference)));
            progress.accept(line("held-out text, " + trials.size() + " of " + texts.size(), trials.getLast()));
        }
        Trial trial = Collections.max(trials, Comparator.comparingDouble(Trial::pplChange));
        return new SparseProfile(SparseProfile.digest(model.info().file()), REFINER, settings.toString(), dense.contextLength(), target,
                trial.pplChange(),
                trial.pplChangeError(), trial.statistics().kld().value(), trial.keptRatio(), trial.selectionRatio());
    }

    private int mostPositions(int texts) {
        return Math.max(1, MOST_LOG_PROBABILITIES / model.info().vocabularySize() / texts);
    }

    private RefinerDecision.Applies probe(HeadDamage damage) {
        List<RefinerDecision.Applies> levels = new ArrayList<>();
        for (int level = 0; level < Levels.count() - 1; level++) {
            levels.add(applies(Levels.uniform(REFINER, level, MIN_CONTEXT)));
        }
        int from = dense.contextLength() / 4;
        return new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(), context -> new HeadProbe(levels, context, damage, from));
    }

    private RefinerDecision.Applies applies(Settings settings) {
        if (model.decide(REFINER, settings) instanceof RefinerDecision.Applies applies) {
            return applies;
        }
        throw new WinnowException(WinnowException.Kind.PLUGIN, "The mask refiner '" + REFINER + "' does not apply to this model.");
    }

    /** Finds the smallest price of damage that holds the target. */
    private Optional<Settings> search(HeadDamage damage, List<DenseReference> references) {
        List<LayerSpec> layers = model.layers();
        double low = Math.log(LOWEST_PRICE);
        double high = Math.log(HIGHEST_PRICE);
        Optional<Settings> best = Optional.empty();
        for (int i = 0; i < TRIALS; i++) {
            double middle = (low + high) / 2;
            Settings settings = Levels.settings(REFINER, layers, Allocation.choose(layers, damage, Math.exp(middle)), MIN_CONTEXT);
            Trial trial = trial(settings, references);
            boolean holds = holds(trial);
            progress.accept(line("trial " + (i + 1) + " of " + TRIALS, trial) + (holds ? ": holds the target" : ": too much"));
            if (holds) {
                best = Optional.of(settings);
                high = middle;
            } else {
                low = middle;
            }
        }
        return best;
    }

    private boolean holds(Trial trial) {
        double most = MARGIN * Math.log1p(target);
        return trial.statistics().kld().value() <= most
                && trial.statistics().logPplRatio().value() - trial.statistics().logPplRatio().error() <= most;
    }

    private Trial trial(Settings settings, List<DenseReference> references) {
        KlDivergence divergence = new KlDivergence();
        List<PhaseStatistics> costs = references.stream().map(reference -> compare(settings, reference, divergence)).toList();
        return Trial.of(divergence, costs);
    }

    private PhaseStatistics compare(Settings settings, DenseReference reference, KlDivergence divergence) {
        try (Session session = model.newSession(dense.withRefiner(REFINER, settings))) {
            return reference.compare(session, divergence);
        }
    }

    private static String line(String name, Trial trial) {
        return String.format(Locale.ROOT,
                "%s: keeps %.1f %% of the keys, chooses for %.1f %%, perplexity %+.2f ± %.2f %%, KL divergence %.5f",
                name, 100 * trial.keptRatio(), 100 * trial.selectionRatio(), 100 * trial.pplChange(), 100 * trial.pplChangeError(),
                trial.statistics().kld().value());
    }
}
