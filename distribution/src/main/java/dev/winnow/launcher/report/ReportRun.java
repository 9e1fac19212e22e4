package dev.winnow.launcher.report;

import dev.winnow.api.Model;
import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.ArmActivity;
import dev.winnow.core.eval.Bench;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.Needle;
import dev.winnow.core.eval.TextChunks;
import dev.winnow.launcher.output.Console;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Measures one model after the other, all arms in turn, and shows how far it is. Not thread-safe. */
final class ReportRun {

    private static final long SEED = 1;

    private final ReportPlan plan;
    private final Map<String, String> texts; // by name; the first one is the haystack too
    private final int threads;
    private final Remaining remaining;
    private final ArmActivity activity = new ArmActivity(); // over all models and parts

    /**
     * Prepares a run.
     *
     * @param texts   texts by name, one or more
     * @param threads worker threads of the runtime
     * @param models  number of models that will be measured
     */
    ReportRun(Console console, ReportPlan plan, Map<String, String> texts, int threads, int models) {
        this.plan = plan;
        this.texts = texts;
        this.threads = threads;
        this.remaining = new Remaining(console, models);
    }

    /**
     * Checks what can be known before anything is measured.
     *
     * @throws dev.winnow.api.WinnowException if a number of the plan has no meaning, or a text or a prompt is too short
     */
    void check(Model model) {
        speedOptions();
        if (plan.parts().contains(ReportPart.ACCURACY)) {
            texts.values().forEach(
                    text -> TextChunks.of(model.tokenizer(), text, plan.accuracy().contextLength(), plan.accuracy().chunks()));
        }
        if (plan.parts().contains(ReportPart.NEEDLE)) {
            Needle.check(model, haystack(), plan.needle());
        }
    }

    /**
     * Measures a model.
     *
     * @param measured told after each part of all results so far, so that they can be saved
     */
    ModelResults measure(Model model, List<EvalArm> arms, Consumer<ModelResults> measured) {
        ModelResults results = new ModelResults(new MeasuredModel(model, arms, threads), arms);
        remaining.beginModel(new Effort(plan, texts.size(), arms.size()).total());
        if (plan.parts().contains(ReportPart.SPEED)) {
            speed(model, arms, results);
            measured.accept(results);
        }
        if (plan.parts().contains(ReportPart.ACCURACY)) {
            texts.forEach((name, text) -> {
                remaining.beginPart(results.title() + ": accuracy on " + name, new Effort(plan, 1, arms.size()).accuracy());
                results.accuracy(name, ArmAccuracy.runPart(model, arms, text, plan.accuracy(), remaining, activity));
                remaining.endPart();
                measured.accept(results);
            });
        }
        if (plan.parts().contains(ReportPart.NEEDLE)) {
            remaining.beginPart(results.title() + ": needle", new Effort(plan, 1, arms.size()).needle());
            int all = plan.needle().kinds().size() * plan.needle().lengths().stream().mapToInt(Integer::intValue).sum()
                    * plan.needle().depths().size() * plan.needle().seeds().size() * arms.size();
            int[] done = {0};
            results.needle(Needle.runPart(model, arms, haystack(), plan.needle(), result -> {
                done[0] += result.length();
                remaining.progress(done[0], all);
            }, activity));
            remaining.endPart();
            measured.accept(results);
        }
        return results;
    }

    /** The deepest tests come first and warm up everything that the others need: the first runs of a Java process are compiled while they run. */
    private void speed(Model model, List<EvalArm> arms, ModelResults results) {
        remaining.beginPart(results.title() + ": speed", new Effort(plan, 1, arms.size()).speed());
        int[] lines = {0};
        Bench.Options options = speedOptions();
        results.speed(Bench.runPart(model, arms, options, result -> {
            lines[0]++;
            remaining.progress(lines[0], options.tests().size() * arms.size());
        }, activity));
        remaining.endPart();
    }

    private Bench.Options speedOptions() {
        return new Bench.Options(plan.tests(), plan.repetitions(), Bench.WarmUp.EACH_SHAPE, threads, SEED);
    }

    private String haystack() {
        return texts.values().iterator().next();
    }

    /**
     * Checks that no arm was dense attention under another name everywhere.
     *
     * @throws dev.winnow.api.WinnowException if the refiners of one have removed no key with any model in any part
     */
    void requireActivity() {
        activity.require();
    }

    void close() {
        remaining.close();
    }
}
