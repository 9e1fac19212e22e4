package dev.winnow.launcher.report;

import dev.winnow.api.InferenceRuntime;
import dev.winnow.api.Model;
import dev.winnow.api.ModelOptions;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.launcher.output.Console;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Measures models and writes the page of results. */
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
     * @throws WinnowException if the page cannot be written, a model not loaded, a text is too short, or the refiners of an arm have removed no
     *                         key anywhere; the page is written before
     */
    public static void make(Console console, InferenceRuntime runtime, List<Path> models, ModelOptions options,
            Function<Model, List<EvalArm>> arms, Map<String, String> texts, ReportPlan plan, Path file, String commandLine) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The folder of the page " + file + " does not exist: make it first.");
        }
        List<ModelResults> results = new ArrayList<>();
        ReportRun run = new ReportRun(console, plan, texts, runtime.threads(), models.size());
        try {
            for (Path path : models) {
                try (Model model = runtime.load(path, options)) {
                    List<EvalArm> compared = arms.apply(model);
                    if (compared.size() < 2) {
                        throw new WinnowException(WinnowException.Kind.USAGE,
                                "There is nothing to compare dense attention with, because the metadata of "
                                        + path + " asks for no mask refiner: name some with --sparse.");
                    }
                    results.add(run.measure(model, compared));
                }
            }
        } finally {
            run.close();
        }
        new ResultsPage(console, file, commandLine, plan).write(results, LocalDate.now(ZoneId.systemDefault()));
        run.requireActivity();
    }
}
