package dev.winnow.core.calibration;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.api.SessionOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.TextChunks;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.core.profile.ModelProfile;
import dev.winnow.core.profile.SparseProfile;
import dev.winnow.core.runtime.RefinedModel;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a sparse profile of a model: for each attention head the part of the estimated softmax mass that prompts keep, and the part of the context that generated
 * tokens look at, so that perplexity rises by no more than a target.
 *
 * <p>The first context of each text is used for choosing. One dense pass measures what each choice does to the output of each head in prompts ({@link HeadProbe}).
 * A single number, the price of damage, then gives a choice for all heads ({@link Allocation}), and bisection finds the smallest price at which the whole model
 * holds the target; after it the smallest budget of generation. The measure is the KL divergence from dense attention, whose mean is the expected change of the
 * log-perplexity and varies far less than the change itself; that one must not be above the target by more than its standard error either.
 *
 * <p>Other text is used for judging. A phase that loses more than the target on it stays dense if the other one does not.
 */
public final class Calibration {

    /** Whole-model runs: halvings of the range of prices. */
    private static final int TRIALS = 5;

    /** Whole-model runs: halvings of the budgets. */
    private static final int BUDGET_TRIALS = 3;

    /** Part of the target that the texts for choosing may use up: other texts suffer more than those that a choice was made for. */
    private static final double MARGIN = 0.8;

    /** Contexts of each text that are judged by: what one of them shows differs from the next one by more than its standard error. */
    private static final int JUDGED_CONTEXTS = 3;

    private static final double LOWEST_PRICE = 1;
    private static final double HIGHEST_PRICE = 1e4;

    private final RefinedModel model;
    private final SessionOptions dense;
    private final double target;
    private final Progress progress;
    private final Trials trials;
    private final int steps;
    private int step;

    private Calibration(RefinedModel model, SessionOptions options, Request request, Progress progress) {
        this.model = model;
        this.dense = options.dense();
        this.target = request.target();
        this.progress = progress;
        this.trials = new Trials(model, dense);
        this.steps = request.texts().size() + TRIALS + BUDGET_TRIALS + request.judges().size();
    }

    /**
     * What is wanted.
     *
     * @param texts   for choosing, by name; each at least twice the context long
     * @param heldOut for judging, by name, as long; if there are none, other contexts of the texts for choosing are used
     * @param target  largest relative increase of the perplexity, for example 0.005
     */
    public record Request(Map<String, String> texts, Map<String, String> heldOut, double target) {
        /** Copies the maps. */
        public Request {
            texts = new LinkedHashMap<>(texts);
            heldOut = new LinkedHashMap<>(heldOut);
        }

        private Map<String, String> judges() {
            return heldOut.isEmpty() ? texts : heldOut;
        }
    }

    /** Is told how far a calibration is. */
    public interface Progress {
        /**
         * Tells of a step that begins.
         *
         * @param name what is done, for people
         * @param done steps that are finished
         * @param all  number of steps, at most
         */
        void step(String name, int done, int all);

        /** Tells of what a step has shown. */
        void result(String line);
    }

    /**
     * Calibrates a model.
     *
     * @param model   made by this runtime
     * @param options of the sessions; the context length is that of the measured texts, refiners are ignored
     * @return the profile; empty if no choice holds the target
     * @throws WinnowException if a text is too short, or the model has no layer whose keys can be left out
     */
    public static Optional<SparseProfile> run(Model model, SessionOptions options, Request request, Progress progress) {
        if (!(model instanceof RefinedModel refined)) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "Only a model that was loaded by Winnow's own runtime can be calibrated.");
        }
        if (options.contextLength() < 2 * Choice.MIN_CONTEXT) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The context of " + options.contextLength()
                    + " tokens is too short to calibrate: give " + 2 * Choice.MIN_CONTEXT + " or more (-c).");
        }
        return new Calibration(refined, options, request, progress).run(request);
    }

    private Optional<SparseProfile> run(Request request) {
        Map<String, TextChunks> texts = chunks(request.texts());
        Map<String, TextChunks> judges = chunks(request.judges()); // before anything is measured: one may be too short
        HeadDamage damage = new HeadDamage(model.layers(), Levels.count());
        List<DenseReference> references = new ArrayList<>();
        texts.forEach((name, text) -> {
            begin("dense attention on " + name);
            try (Session session = model.newSession(dense, "calibration", probe(damage))) {
                references.add(trials.reference(session, text, 0, texts.size()));
            }
        });
        if (model.layers().stream().noneMatch(layer -> damage.isMeasured(layer.index()))) {
            throw new WinnowException(WinnowException.Kind.UNSUPPORTED,
                    "No layer of the model sees more than " + Choice.MIN_CONTEXT + " keys, so there is nothing to leave out.");
        }
        Choice choice = searchBudget(searchPrice(damage, references), references);
        references.clear();
        return choice.isDense() ? Optional.empty() : Optional.of(judge(choice, request, judges));
    }

    private Map<String, TextChunks> chunks(Map<String, String> texts) {
        Map<String, TextChunks> chunks = new LinkedHashMap<>();
        texts.forEach((name, text) -> chunks.put(name, TextChunks.of(model.tokenizer(), text, dense.contextLength(), 0)));
        return chunks;
    }

    private void begin(String name) {
        progress.step(name, step++, steps);
    }

    private RefinerDecision.Applies probe(HeadDamage damage) {
        List<RefinerDecision.Applies> levels = new ArrayList<>();
        for (int level = 0; level < Levels.count() - 1; level++) {
            levels.add(applies(new Choice(Levels.uniform(level), Choice.DENSE_GENERATION).settings()));
        }
        int from = dense.contextLength() / 4;
        return new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(), context -> new HeadProbe(levels, context, damage, from));
    }

    private RefinerDecision.Applies applies(Settings settings) {
        if (model.decide(Choice.REFINER, settings) instanceof RefinerDecision.Applies applies) {
            return applies;
        }
        throw new WinnowException(WinnowException.Kind.PLUGIN, "The mask refiner '" + Choice.REFINER + "' does not apply to this model.");
    }

    /** Finds the smallest price of damage that holds the target in prompts; dense ones if none does. */
    private Choice searchPrice(HeadDamage damage, List<DenseReference> references) {
        List<LayerSpec> layers = model.layers();
        double low = Math.log(LOWEST_PRICE);
        double high = Math.log(HIGHEST_PRICE);
        Choice best = new Choice(Choice.DENSE_PROMPTS, Choice.DENSE_GENERATION);
        for (int i = 0; i < TRIALS; i++) {
            double middle = (low + high) / 2;
            String prompts = Levels.settings(layers, Allocation.choose(layers, damage, Math.exp(middle)));
            Choice choice = new Choice(prompts, Choice.DENSE_GENERATION);
            String name = "prompts, trial " + (i + 1) + " of " + TRIALS;
            begin(name);
            Trial trial = trials.prompts(choice, references);
            if (holds(name, trial)) {
                best = trial.keptRatio() < 1 ? choice : best; // a price at which everything is kept proves nothing
                high = middle;
            } else {
                low = middle;
            }
        }
        return best;
    }

    /** Finds the smallest budget that holds the target in generation after prompts of a choice; dense generation if none does. */
    private Choice searchBudget(Choice prompts, List<DenseReference> references) {
        Choice best = prompts;
        int low = 0;
        int high = Budgets.count();
        for (int i = 1; low < high; i++) {
            int middle = (low + high) / 2;
            Choice choice = new Choice(prompts.prompts(), Budgets.settings(middle, dense.contextLength()));
            String name = "generation, trial " + i;
            begin(name);
            if (holds(name, trials.generation(choice, references))) {
                best = choice;
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return best;
    }

    private boolean holds(String name, Trial trial) {
        double most = MARGIN * Math.log1p(target);
        boolean holds = trial.statistics().kld().value() <= most
                && trial.statistics().logPplRatio().value() - trial.statistics().logPplRatio().error() <= most;
        progress.result(line(name, trial) + (holds ? ": holds the target" : ": too much"));
        return holds;
    }

    private SparseProfile judge(Choice choice, Request request, Map<String, TextChunks> texts) {
        Verdict verdict = verdict(choice, texts);
        boolean promptsHold = verdict.prompts().holds(target);
        boolean generationHolds = verdict.generation().holds(target);
        Choice judged = choice;
        if (promptsHold && !generationHolds && !choice.hasDensePrompts()) {
            judged = new Choice(choice.prompts(), Choice.DENSE_GENERATION);
            progress.result("generation stays dense, because it loses more than the target on held-out text");
            verdict = new Verdict(verdict.prompts(), SparseProfile.Judgement.DENSE);
        } else if (!promptsHold && generationHolds && !choice.hasDenseGeneration()) {
            judged = new Choice(Choice.DENSE_PROMPTS, choice.generation());
            progress.result("prompts stay dense, because they lose more than the target on held-out text");
            verdict = verdict(judged, texts); // what generation loses depends on the prompt before it
        }
        String names = request.heldOut().isEmpty()
                ? "other contexts of " + String.join(", ", request.texts().keySet())
                : String.join(", ", request.heldOut().keySet());
        return new SparseProfile(digest(), Choice.REFINER, judged.settings().toString(), dense.contextLength(), target, names,
                verdict.prompts(), verdict.generation());
    }

    private Verdict verdict(Choice choice, Map<String, TextChunks> texts) {
        Optional<Verdict> worst = Optional.empty();
        for (Map.Entry<String, TextChunks> text : texts.entrySet()) {
            String name = "held-out " + text.getKey();
            begin(name);
            List<DenseReference> references = judged(text.getValue());
            Verdict verdict = new Verdict(
                    choice.hasDensePrompts()
                            ? SparseProfile.Judgement.DENSE
                            : judgement(name + ", prompts", trials.prompts(choice, references)),
                    choice.hasDenseGeneration()
                            ? SparseProfile.Judgement.DENSE
                            : judgement(name + ", generation", trials.generation(choice, references)));
            worst = Optional.of(worst.map(verdict::worse).orElse(verdict));
        }
        return worst.orElseThrow();
    }

    /** Dense predictions in contexts that are spread over a text, but for the first one, which may have been used for choosing. */
    private List<DenseReference> judged(TextChunks text) {
        int contexts = Math.min(JUDGED_CONTEXTS, text.count() - 1);
        List<DenseReference> references = new ArrayList<>();
        for (int i = 1; i <= contexts; i++) {
            try (Session session = model.newSession(dense)) {
                references.add(trials.reference(session, text, i * (text.count() - 1) / contexts, contexts));
            }
        }
        return references;
    }

    private SparseProfile.Judgement judgement(String name, Trial trial) {
        progress.result(line(name, trial));
        return new SparseProfile.Judgement(trial.pplChange(), trial.pplChangeError(), trial.statistics().kld().value(), trial.keptRatio(),
                trial.selectionRatio());
    }

    private String digest() {
        try (GgufFile file = GgufFile.open(model.info().file())) {
            return ModelProfile.digest(file);
        }
    }

    private static String line(String name, Trial trial) {
        return String.format(Locale.ROOT,
                "%s: keeps %.1f %% of the keys, chooses for %.1f %%, perplexity %+.2f ± %.2f %%, KL divergence %.5f",
                name, 100 * trial.keptRatio(), 100 * trial.selectionRatio(), 100 * trial.pplChange(), 100 * trial.pplChangeError(),
                trial.statistics().kld().value());
    }
}
