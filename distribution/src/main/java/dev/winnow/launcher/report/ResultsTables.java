package dev.winnow.launcher.report;

import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Estimate;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.eval.Spread;
import dev.winnow.launcher.output.Table;
import dev.winnow.spi.AttentionPhase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The tables of one model, each with its heading, in Markdown; empty text for what was not measured. */
final class ResultsTables {

    private final ModelResults model;
    private final ReportPlan plan;

    ResultsTables(ModelResults model, ReportPlan plan) {
        this.model = model;
        this.plan = plan;
    }

    /** Returns what each arm costs and loses, prompts and generation apart, with the Pareto front. */
    String overview() {
        StringBuilder text = new StringBuilder();
        for (AttentionPhase phase : AttentionPhase.values()) {
            List<ArmSummary> summaries = ArmSummary.of(model, phase);
            if (summaries.size() > 1) {
                text.append(overview(phase, summaries));
            }
        }
        return text.isEmpty()
                ? ""
                : "\n### Gain and loss\n\nKept keys r, cost of choosing them c and their sum are relative to dense attention, in multiply-adds; all texts together. "
                        + "An arm is on the Pareto front (●) if no other one is both as "
                        + (model.speed().isEmpty() ? "cheap (r + c)" : "fast")
                        + " and as close to dense attention by its mean KL divergence.\n" + text;
    }

    private String overview(AttentionPhase phase, List<ArmSummary> summaries) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        String speed = ArmSummary.deepest(model, phase).map(test -> "× dense, " + SpeedFindings.place(test)).orElse("× dense");
        Table table = ResultsPage.table("arm", "front", "r", "c", "r + c", speed, "perplexity", "mean KL divergence", "needles found");
        for (ArmSummary summary : summaries) {
            boolean dense = summary.arm().equals(model.arms().getFirst());
            List<NeedleResult> needles = model.needle(summary.arm());
            Estimate ratio = summary.accuracy().pplRatio();
            table.row("`" + summary.arm() + "`", summary.onFront() ? "●" : "", percent(summary.kept()),
                    percent(summary.choosing()), percent(summary.work()),
                    summary.speed().map(times -> dense ? "1" : plusMinus("%.2f", times.mean(), times.deviation())).orElse(""),
                    dense
                            ? String.format(Locale.ROOT, "%.3f", summary.accuracy().ppl().value())
                            : String.format(Locale.ROOT, "%+.2f ± %.2f %%", 100 * (ratio.value() - 1), 100 * ratio.error()),
                    dense ? "0" : plusMinus("%.5f", summary.divergence(), summary.accuracy().kld().error()),
                    needles.isEmpty() ? "" : needles.stream().filter(NeedleResult::found).count() + " of " + needles.size());
        }
        List<String> left = model.arms().stream().filter(arm -> summaries.stream().noneMatch(summary -> summary.arm().equals(arm)))
                .map(arm -> "`" + arm + "`").toList();
        return (prompts ? "\nPrompts:\n\n" : "\nGeneration:\n\n") + table.text(ReportFormat.MD)
                + (left.isEmpty() ? "" : "\nNot in the table, because they keep every key here: " + String.join(", ", left) + ".\n");
    }

    /** Returns tokens per second by arm and depth. */
    String speed() {
        if (model.speed().isEmpty()) {
            return "";
        }
        return "\n### Speed\n\nTokens per second, and how many times as fast as dense attention. `pp512 @ d4096`: a prompt of 512 tokens after 4096 that are not timed; "
                + "`tg`: generation, token by token.\n" + speed(false) + speed(true);
    }

    private String speed(boolean generation) {
        List<BenchTest> tests = model.speed().stream().map(BenchResult::test).distinct().filter(test -> generation == test.generate() > 0)
                .sorted(Comparator.comparingInt(test -> test.depth() + test.prompt())).toList();
        if (tests.isEmpty()) {
            return "";
        }
        List<String> titles = new ArrayList<>(List.of("arm"));
        tests.forEach(test -> titles.add(test.name()));
        Table table = ResultsPage.table(titles.toArray(String[]::new));
        for (String arm : model.arms()) {
            List<String> cells = new ArrayList<>(List.of("`" + arm + "`"));
            for (BenchTest test : tests) {
                cells.add(model.speed().stream().filter(result -> result.arm().name().equals(arm) && result.test().equals(test)).findFirst()
                        .map(ResultsTables::speed).orElse(""));
            }
            table.row(cells.toArray());
        }
        return "\n" + table.text(ReportFormat.MD);
    }

    private static String speed(BenchResult result) {
        Spread rate = result.tokensPerSecond();
        return plusMinus("%.1f", rate.mean(), rate.deviation())
                + result.speedUp().map(ratio -> " (" + plusMinus("%.2f", ratio.mean(), ratio.deviation()) + " ×)").orElse("");
    }

    /** Returns the distance from dense attention by text. */
    String accuracy() {
        if (model.accuracy().isEmpty()) {
            return "";
        }
        ArmAccuracy.Options options = plan.accuracy();
        StringBuilder text = new StringBuilder("\n### Accuracy\n\nContext of ").append(options.contextLength()).append(" tokens; ")
                .append(options.chunks() == 0 ? "all chunks" : options.chunks() + (options.chunks() == 1 ? " chunk" : " chunks"))
                .append(" of each text. In prompts, one of ").append(options.every()).append(" positions of the second half is compared");
        if (options.decodeTokens() > 0) {
            text.append("; in generation, the last ").append(options.decodeTokens())
                    .append(" tokens are appended one by one, after a prompt that the same arm computed");
        }
        text.append(".\n");
        for (AttentionPhase phase : AttentionPhase.values()) {
            text.append(accuracy(phase));
        }
        return text.toString();
    }

    private String accuracy(AttentionPhase phase) {
        boolean prompts = phase == AttentionPhase.PREFILL;
        Table table = ResultsPage.table("text", "arm", "positions", "perplexity", "perplexity to dense", "mean KL divergence",
                "99 % of KL divergences below", "same top token", "kept keys");
        for (Map.Entry<String, List<ArmAccuracy.Result>> ofText : model.accuracy().entrySet()) {
            for (ArmAccuracy.Result result : ofText.getValue()) {
                Optional<KlStatistics> statistics = prompts ? result.prefill() : result.decode();
                double kept = prompts ? result.sparsity().keptPrefill() : result.sparsity().keptDecode();
                statistics.ifPresent(found -> row(table, ofText.getKey(), result.arm(), found, kept));
            }
        }
        return table.isEmpty() ? "" : (prompts ? "\nIn prompts:\n\n" : "\nIn generation:\n\n") + table.text(ReportFormat.MD);
    }

    private static void row(Table table, String name, String arm, KlStatistics statistics, double kept) {
        table.row(name, "`" + arm + "`", String.valueOf(statistics.count()),
                plusMinus("%.3f", statistics.ppl().value(), statistics.ppl().error()),
                plusMinus("%.4f", statistics.pplRatio().value(), statistics.pplRatio().error()),
                plusMinus("%.5f", Math.max(0, statistics.kld().value()), statistics.kld().error()),
                String.format(Locale.ROOT, "%.4f", statistics.kldDistribution().p99()), percent(statistics.sameTop().value()),
                Double.isNaN(kept) ? "" : percent(kept));
    }

    /** Returns retrieval by arm and length; a picture shows the depths. */
    String needle() {
        if (model.needle().isEmpty()) {
            return "";
        }
        Table table = ResultsPage.table("needle", "length", "arm", "prompts", "found", "chosen", "mean margin", "kept keys");
        model.needle().stream().map(NeedleResult::kind).distinct()
                .forEach(kind -> model.needle().stream().map(NeedleResult::length).distinct()
                        .sorted().forEach(length -> model.arms().forEach(arm -> {
                            List<NeedleResult> own = model.needle(arm).stream()
                                    .filter(result -> result.kind() == kind && result.length() == length)
                                    .toList();
                            table.row(kind.label(), String.valueOf(length), "`" + arm + "`", String.valueOf(own.size()),
                                    String.valueOf(own.stream().filter(NeedleResult::found).count()),
                                    String.valueOf(own.stream().filter(result -> result.rank() == 1).count()),
                                    String.format(Locale.ROOT, "%.2f", own.stream().mapToDouble(NeedleResult::margin).average().orElse(0)),
                                    percent(own.stream().mapToDouble(NeedleResult::keptRatio).average().orElse(1)));
                        })));
        return "\n### Needle in a haystack\n\n*found*: the greedy answer contains the key; *chosen*: the right answer is more likely than each of "
                + plan.needle().decoys() + " wrong ones; margin in natural logarithms. All depths together; the picture has them apart.\n\n"
                + table.text(ReportFormat.MD);
    }

    private static String plusMinus(String format, double value, double error) {
        return String.format(Locale.ROOT, format + " ± " + format, value, error);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
