package dev.winnow.launcher.report;

import dev.winnow.api.WinnowException;
import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.Estimate;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.NeedleSummary;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.launcher.chart.Chart;
import dev.winnow.launcher.output.Column;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes the page of results and the pictures beside it. */
final class ResultsPage {

    private static final String IMAGES = "images";

    private final Console console;
    private final Path file;
    private final String commandLine;
    private final ReportPlan plan;
    private final StringBuilder text = new StringBuilder();
    private boolean noPictures;

    /**
     * Prepares the page.
     *
     * @param file        replaced if it exists
     * @param commandLine which made it, without folders
     */
    ResultsPage(Console console, Path file, String commandLine, ReportPlan plan) {
        this.console = console;
        this.file = file.toAbsolutePath();
        this.commandLine = commandLine;
        this.plan = plan;
    }

    /** Writes everything that was measured. */
    void write(List<ModelResults> models, LocalDate date) {
        head(models, date);
        for (ModelResults model : models) {
            text.append("\n## ").append(model.title()).append('\n');
            findings(model);
            speed(model);
            accuracy(model);
            needle(model);
        }
        save();
    }

    private void head(List<ModelResults> models, LocalDate date) {
        text.append("# Results\n\nMade by this command on ").append(date)
                .append("; it can be run again on any machine and with any models:\n\n```sh\n")
                .append(commandLine)
                .append("\n```\n\nAll arms took turns in one process. Speed is compared by the ratios of runs in the same repetition. Perplexity and KL divergence are those "
                        + "of llama-perplexity, against dense attention of the same model; ± is one standard error, or one standard deviation for speed.\n\n");
        Table machine = table("machine and settings", "");
        Machine.describe().forEach(machine::row);
        machine.row("threads", String.valueOf(models.getFirst().measured().provenance().threads()));
        machine.row("backends", models.getFirst().measured().provenance().backends());
        text.append(machine.text(ReportFormat.MD));
        text.append('\n');
        Table files = table("model", "file", "type", "SHA-256");
        Table arms = table("model", "arm", "effective parameters");
        for (ModelResults model : models) {
            files.row(model.title(), ModelResults.name(model.info().file()), model.info().description(),
                    "`" + model.measured().provenance().sha256() + "`");
            model.measured().refiners().forEach((arm, refiners) -> arms.row(model.title(), "`" + arm + "`", refiners));
        }
        text.append(files.text(ReportFormat.MD)).append('\n').append(arms.text(ReportFormat.MD));
    }

    private void findings(ModelResults model) {
        List<String> sentences = new Findings(model).sentences();
        if (!sentences.isEmpty()) {
            text.append("\n### What the numbers say\n\n");
            sentences.forEach(sentence -> text.append("* ").append(sentence).append('\n'));
        }
    }

    private void speed(ModelResults model) {
        if (model.speed().isEmpty()) {
            return;
        }
        text.append("\n### Speed\n\n");
        Table table = table("test", "arm", "tokens/s", "times dense", "kept keys");
        List<BenchResult> sorted = new ArrayList<>(model.speed());
        sorted.sort((a, b) -> a.test().generate() != b.test().generate()
                ? Integer.compare(a.test().generate(), b.test().generate())
                : Integer.compare(a.test().depth() + a.test().prompt(), b.test().depth() + b.test().prompt()));
        for (BenchResult result : sorted) {
            Estimate rate = result.tokensPerSecond();
            table.row(result.test().name(), "`" + result.arm().name() + "`", plusMinus("%.1f", rate.value(), rate.error()),
                    result.speedUp().map(ratio -> plusMinus("%.2f", ratio.value(), ratio.error())).orElse(""), percent(result.keptRatio()));
        }
        text.append(table.text(ReportFormat.MD))
                .append("\n`pp512 @ d4096`: a prompt of 512 tokens after 4096 that are not timed; `tg`: generation, token by token.\n");
        ResultsCharts charts = new ResultsCharts(model);
        charts.speed().forEach((name, chart) -> picture(model, name, chart));
        charts.accuracyAgainstSpeed().ifPresent(chart -> picture(model, "accuracy", chart));
    }

    private void accuracy(ModelResults model) {
        if (model.accuracy().isEmpty()) {
            return;
        }
        ArmAccuracy.Options options = plan.accuracy();
        text.append("\n### Accuracy\n\nContext of ").append(options.contextLength()).append(" tokens; ")
                .append(options.chunks() == 0 ? "all chunks" : options.chunks() + (options.chunks() == 1 ? " chunk" : " chunks"))
                .append(" of each text. In prompts, one of ").append(options.every()).append(" positions of the second half is compared");
        if (options.decodeTokens() > 0) {
            text.append("; in generation, the last ").append(options.decodeTokens())
                    .append(" tokens are appended one by one, after a prompt that the same arm computed");
        }
        text.append(".\n\n");
        Table table = table("text", "path", "arm", "positions", "perplexity", "perplexity to dense",
                "mean KL divergence",
                "99 % of KL divergences below", "same top token", "kept keys");
        for (Map.Entry<String, List<ArmAccuracy.Result>> ofText : model.accuracy().entrySet()) {
            for (ArmAccuracy.Result result : ofText.getValue()) {
                row(table, ofText.getKey(), "prompt", result.arm(), result.prefill(), result.sparsity().keptPrefill());
            }
            for (ArmAccuracy.Result result : options.decodeTokens() == 0 ? List.<ArmAccuracy.Result>of() : ofText.getValue()) {
                row(table, ofText.getKey(), "generation", result.arm(), result.decode(), result.sparsity().keptDecode());
            }
        }
        text.append(table.text(ReportFormat.MD));
    }

    private static void row(Table table, String name, String path, String arm, KlStatistics statistics, double kept) {
        table.row(name, path, "`" + arm + "`", String.valueOf(statistics.count()),
                plusMinus("%.3f", statistics.ppl().value(), statistics.ppl().error()),
                plusMinus("%.4f", statistics.pplRatio().value(), statistics.pplRatio().error()),
                plusMinus("%.5f", Math.max(0, statistics.kld().value()), statistics.kld().error()),
                String.format(Locale.ROOT, "%.4f", statistics.kldDistribution().p99()), percent(statistics.sameTop().value()),
                Double.isNaN(kept) ? "" : percent(kept));
    }

    private void needle(ModelResults model) {
        if (model.needle().isEmpty()) {
            return;
        }
        text.append(
                "\n### Needle in a haystack\n\n*found*: the greedy answer contains the key; *chosen*: the right answer is more likely than each of ")
                .append(plan.needle().decoys()).append(" wrong ones; margin in natural logarithms.\n\n");
        Table table = table("arm", "needle", "length", "depth", "prompts", "found", "chosen", "margin", "kept keys");
        for (NeedleSummary summary : NeedleSummary.of(model.needle())) {
            table.row("`" + summary.arm() + "`", summary.kind().label(), String.valueOf(summary.length()),
                    String.format(Locale.ROOT, "%.2f", summary.depth()), String.valueOf(summary.count()), percent(summary.found()),
                    percent(summary.chosen()), String.format(Locale.ROOT, "%.2f", summary.margin()), percent(summary.keptRatio()));
        }
        text.append(table.text(ReportFormat.MD));
        picture(model, "needle", NeedleChart.of(model.info(), model.needle(), model.arms(), NeedleScore.FOUND));
    }

    /** Without fonts there are no pictures, but all numbers: one warning says what is missing. */
    private void picture(ModelResults model, String name, Chart chart) {
        if (noPictures) {
            return;
        }
        String picture = "results-" + model.fileTitle() + "-" + name + ".png";
        Path images = Optional.ofNullable(file.getParent()).orElseThrow().resolve(IMAGES);
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

    private static Table table(String... titles) {
        return new Table(Arrays.stream(titles).map(title -> Column.text(title, title)).toArray(Column[]::new));
    }

    private static String plusMinus(String format, double value, double error) {
        return String.format(Locale.ROOT, format + " ± " + format, value, error);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private void save() {
        Path unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
        try {
            Files.writeString(unfinished, text);
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new WinnowException(WinnowException.Kind.RESOURCES, "The page " + file + " cannot be written: " + e + ".", e);
        }
    }
}
