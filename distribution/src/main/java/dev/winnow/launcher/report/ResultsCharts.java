package dev.winnow.launcher.report;

import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Estimate;
import dev.winnow.launcher.chart.Chart;
import dev.winnow.launcher.chart.LineChart;
import dev.winnow.launcher.chart.ScatterChart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The pictures of a model's results, by what they show. */
final class ResultsCharts {

    private final ModelResults results;
    private final int threads;

    ResultsCharts(ModelResults results) {
        this.results = results;
        this.threads = results.measured().provenance().threads();
    }

    /** Returns the pictures of speed, by name; those without points are left out. */
    Map<String, Chart> speed() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        add(charts, "prefill", "speed of prompts", test -> test.prompt() > 0 && !isWhole(test));
        add(charts, "decode", "speed of generation", test -> test.generate() > 0);
        return charts;
    }

    /** A whole prompt is another length at depth 0 than the prompt that is timed at every depth. */
    private boolean isWhole(BenchTest test) {
        return test.depth() == 0 && results.speed().stream().map(BenchResult::test)
                .noneMatch(other -> other.depth() > 0 && other.prompt() == test.prompt()) && hasDepths();
    }

    private boolean hasDepths() {
        return results.speed().stream().anyMatch(result -> result.test().depth() > 0);
    }

    private void add(Map<String, Chart> charts, String name, String title, Predicate<BenchTest> wanted) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (String arm : results.arms()) {
            List<LineChart.Point> points = results.speed().stream()
                    .filter(result -> result.arm().name().equals(arm) && wanted.test(result.test()))
                    .sorted(Comparator.comparingInt(result -> result.test().depth()))
                    .map(result -> new LineChart.Point(result.test().depth(), result.tokensPerSecond().value(),
                            result.tokensPerSecond().error()))
                    .toList();
            if (!points.isEmpty()) {
                lines.add(new LineChart.Line(arm, points));
            }
        }
        if (!lines.isEmpty()) {
            charts.put(name, new LineChart(results.title() + ": " + title + ", " + threads + (threads == 1 ? " thread" : " threads"),
                    "tokens before", "tokens per second (mean ± standard deviation)", lines));
        }
    }

    /** Returns the picture of accuracy against speed for prompts, of all texts; empty if one of both was not measured. */
    Optional<Chart> accuracyAgainstSpeed() {
        Optional<BenchTest> test = results.speed().stream().map(BenchResult::test).filter(each -> each.prompt() > 0)
                .max(Comparator.comparingInt(each -> each.depth() + each.prompt()));
        if (test.isEmpty() || results.accuracy().isEmpty()) {
            return Optional.empty();
        }
        List<ScatterChart.Points> points = new ArrayList<>();
        for (String arm : results.arms()) {
            double ratio = results.speed().stream().filter(result -> result.arm().name().equals(arm) && result.test().equals(test.get()))
                    .findFirst().flatMap(BenchResult::speedUp).map(Estimate::value).orElse(1.0);
            List<ScatterChart.Point> own = new ArrayList<>();
            for (List<ArmAccuracy.Result> ofText : results.accuracy().values()) {
                ofText.stream().filter(result -> result.arm().equals(arm))
                        .forEach(result -> own.add(new ScatterChart.Point(ratio, result.prefill().kld().value())));
            }
            points.add(new ScatterChart.Points(arm, own));
        }
        return Optional.of(new ScatterChart(results.title() + ": accuracy against speed in prompts, a point for each text",
                "speed relative to dense, " + Findings.name(test.get()), "mean KL divergence from dense (nats)", points));
    }
}
