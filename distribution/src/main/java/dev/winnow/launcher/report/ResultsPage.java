package dev.winnow.launcher.report;

import dev.winnow.api.ProviderReport;
import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.Provenance;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.io.UnfinishedFile;
import dev.winnow.launcher.chart.Chart;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the page of results and the pictures beside it. */
final class ResultsPage {

    private static final String IMAGES = "images";

    private final Console console;
    private final Path file;
    private final String commandLine;
    private final ReportPlan plan;
    private final List<ProviderReport> providers;
    private final LocalDate date;
    private final StringBuilder text = new StringBuilder();
    private boolean noPictures;

    /**
     * Prepares the page.
     *
     * @param file        replaced if it exists
     * @param commandLine which made it, without folders
     * @param providers   of the runtime
     * @param date        of the measurement
     */
    ResultsPage(Console console, Path file, String commandLine, ReportPlan plan, List<ProviderReport> providers, LocalDate date) {
        this.console = console;
        this.file = file.toAbsolutePath();
        this.commandLine = commandLine;
        this.plan = plan;
        this.providers = List.copyOf(providers);
        this.date = date;
    }

    /**
     * Checks that page and pictures can be written.
     *
     * @throws WinnowException if they cannot
     */
    void check() {
        UnfinishedFile.check("page", file);
        if (Files.exists(images())) {
            UnfinishedFile.check("picture", images().resolve("results.png"));
        }
    }

    private Path images() {
        return file.resolveSibling(IMAGES);
    }

    /**
     * Writes everything that was measured, in the place of what was written before.
     *
     * @param models   one or more
     * @param finished whether nothing more will come; the page says if not
     */
    void write(List<ModelResults> models, boolean finished) {
        text.setLength(0);
        head(models, finished);
        for (ModelResults model : models) {
            text.append("\n## ").append(model.title()).append('\n');
            ResultsTables tables = new ResultsTables(model, plan);
            ResultsCharts charts = new ResultsCharts(model);
            findings(model);
            text.append(tables.overview());
            pictures(model, charts.accuracyAgainstSpeed());
            text.append(tables.speed());
            pictures(model, charts.speed());
            text.append(tables.accuracy());
            text.append(tables.needle());
            pictures(model, charts.needle());
        }
        save();
    }

    private void head(List<ModelResults> models, boolean finished) {
        text.append("# Results\n\nMade by this command on ").append(date)
                .append("; it can be run again on any machine and with any models:\n\n```sh\n")
                .append(commandLine).append("\n```\n\n")
                .append(finished ? "" : "**Unfinished:** this has been measured so far; the command is still running, or was stopped.\n\n")
                .append("All arms took turns in one process. Speed is compared by the ratios of runs in the same repetition. Perplexity and KL divergence are those "
                        + "of llama-perplexity, against dense attention of the same model; ± is one standard error, or one standard deviation for speed. Sentences about speed are certain at 95 % (Student's t).\n\n");
        Table machine = table("machine and settings", "");
        Provenance provenance = models.getFirst().measured().provenance();
        Machine.describe(providers, Set.of(provenance.backends().split(","))).forEach(machine::row);
        machine.row("threads", String.valueOf(provenance.threads()));
        machine.row("backends", provenance.backends());
        text.append(machine.text(ReportFormat.MD));
        text.append('\n');
        Table files = table("model", "file", "type", "SHA-256");
        for (ModelResults model : models) {
            files.row(model.title(), ModelResults.name(model.info().file()), model.info().description(),
                    "`" + model.measured().provenance().sha256() + "`");
        }
        text.append(files.text(ReportFormat.MD)).append("\nThe arms, and what their names stand for everywhere below:\n\n")
                .append(arms(models));
    }

    /** The only place that shows the parameters: a line for each arm, or more if they differ among the models. */
    private static String arms(List<ModelResults> models) {
        Table table = table("arm", "asked for (`--sparse`)", "effective parameters", "models");
        for (String arm : models.getFirst().arms()) {
            Map<String, List<String>> titles = new LinkedHashMap<>(); // by effective parameters
            models.forEach(model -> Optional.ofNullable(model.measured().refiners().get(arm))
                    .ifPresent(parameters -> titles.computeIfAbsent(parameters, each -> new ArrayList<>()).add(model.title())));
            titles.forEach((parameters, of) -> table.row("`" + arm + "`", "`" + models.getFirst().specification(arm) + "`",
                    parameters.replace(",", ", "), titles.size() == 1 ? "" : String.join(", ", of)));
        }
        return table.text(ReportFormat.MD);
    }

    private void findings(ModelResults model) {
        List<String> sentences = new Findings(model).sentences();
        if (!sentences.isEmpty()) {
            text.append("\n### What the numbers say\n\n");
            sentences.forEach(sentence -> text.append("* ").append(sentence).append('\n'));
        }
    }

    private void pictures(ModelResults model, Map<String, Chart> charts) {
        charts.forEach((name, chart) -> picture(model, name, chart));
    }

    /** Without fonts there are no pictures, but all numbers: one warning says what is missing. */
    private void picture(ModelResults model, String name, Chart chart) {
        if (noPictures) {
            return;
        }
        String picture = "results-" + model.fileTitle() + "-" + name + ".png";
        Path images = images();
        try {
            Files.createDirectories(images);
            chart.write(images.resolve(picture));
            text.append("\n![").append(model.title()).append(": ").append(name).append("](").append(IMAGES).append('/').append(picture)
                    .append(")\n");
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The folder " + images + " cannot be made: " + e + ".", e);
        } catch (WinnowException e) {
            noPictures = true;
            console.warn(e.getMessage() + " The page goes without pictures.");
        }
    }

    static Table table(String... titles) {
        return new Table(Arrays.stream(titles).map(title -> Column.text(title, title)).toArray(Column[]::new));
    }

    private void save() {
        try (UnfinishedFile unfinished = new UnfinishedFile(file)) {
            Files.writeString(unfinished.path(), text);
            unfinished.finish();
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES,
                    "The page " + file + " cannot be written: " + UnfinishedFile.reason(e) + ".", e);
        }
    }
}
