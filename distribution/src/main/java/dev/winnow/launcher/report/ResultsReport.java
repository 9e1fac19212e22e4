package dev.winnow.launcher.report;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.launcher.output.Console;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Measures models and writes the page of results: checks first what can be checked, and saves what it has after each part, because measuring takes long. */
public final class ResultsReport {

    private ResultsReport() {}

    /**
     * Measures and writes.
     *
     * @param models      files
     * @param options     of loading
     * @param arms        of a loaded model, dense attention first
     * @param texts       by name, one or more; the first one is the haystack too
     * @param plan        what is measured
     * @param file        the page; pictures go into the folder {@code images} beside it
     * @param commandLine which made the page, without folders
     * @throws WinnowException if the page cannot be written, a model not loaded, a text is too short, or two models have the same name: before anything is
     *                         measured; if the refiners of an arm have removed no key anywhere: after the page is written
     */
    public static void make(Console console, InferenceRuntime runtime, List<Path> models, ModelOptions options,
            Function<Model, List<EvalArm>> arms, Map<String, String> texts, ReportPlan plan, Path file, String commandLine) {
        ResultsPage page = new ResultsPage(console, file, commandLine, plan, runtime.providers(), LocalDate.now(ZoneId.systemDefault()));
        page.check();
        requireDifferent(models);
        List<ModelResults> results = new ArrayList<>();
        ReportRun run = new ReportRun(console, plan, texts, runtime.threads(), models.size());
        try {
            for (Path path : models) {
                try (Model model = runtime.load(path, options)) {
                    requireSparse(path, arms.apply(model));
                    run.check(model);
                }
            }
            for (Path path : models) {
                try (Model model = runtime.load(path, options)) {
                    results.add(run.measure(model, arms.apply(model), part -> page.write(with(results, part), false)));
                }
            }
        } finally {
            run.close();
        }
        page.write(results, true);
        run.requireActivity();
    }

    /** On the page and in the names of its pictures, models are called by their files. */
    private static void requireDifferent(List<Path> models) {
        Map<String, Path> titles = new HashMap<>();
        for (Path model : models) {
            Path other = titles.put(ModelResults.fileTitle(model), model);
            if (other != null) {
                throw new WinnowException(WinnowException.Kind.USAGE, "The models " + other + " and " + model
                        + " have the same name, or nearly so, which would mix up their results and pictures: rename one of them.");
            }
        }
    }

    private static void requireSparse(Path model, List<EvalArm> arms) {
        if (arms.size() < 2) {
            throw new WinnowException(WinnowException.Kind.USAGE,
                    "There is nothing to compare dense attention with, because the metadata of "
                            + model + " asks for no mask refiner: name some with --sparse.");
        }
    }

    private static List<ModelResults> with(List<ModelResults> results, ModelResults last) {
        List<ModelResults> all = new ArrayList<>(results);
        all.add(last);
        return all;
    }
}
