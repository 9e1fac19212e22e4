package dev.winnow.launcher.report;

import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.BenchTest;
import dev.winnow.core.eval.Spread;
import dev.winnow.launcher.chart.Chart;
import dev.winnow.launcher.chart.LineChart;
import dev.winnow.launcher.chart.ScatterChart;
import dev.winnow.spi.AttentionPhase;
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
                    .map(result -> new LineChart.Point(result.test().depth(), result.tokensPerSecond().mean(),
                            result.tokensPerSecond().deviation()))
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

    /** Returns the pictures of accuracy against speed, by name; without those of which one of both was not measured. */
    Map<String, Chart> accuracyAgainstSpeed() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        for (AttentionPhase phase : AttentionPhase.values()) {
            String what = phase == AttentionPhase.PREFILL ? "prompts" : "generation";
            List<ScatterChart.Point> points = new ArrayList<>();
            for (ArmSummary summary : ArmSummary.of(results, phase)) {
                Optional<Spread> speed = summary.speed();
                if (speed.isPresent() && !summary.arm().equals(results.arms().getFirst())) {
                    points.add(new ScatterChart.Point(summary.arm(), speed.get().mean(), summary.divergence(), summary.onFront()));
                }
            }
            Optional<BenchTest> test = ArmSummary.deepest(results, phase);
            if (!points.isEmpty() && test.isPresent()) {
                charts.put("accuracy-" + what, new ScatterChart(results.title() + ": accuracy against speed in " + what,
                        "times as fast as dense attention, " + SpeedFindings.name(test.get()) + " (dashed: dense attention)",
                        "mean KL divergence (nats)", "filled: on the Pareto front", points));
            }
        }
        return charts;
    }

    /** Returns the picture of retrieval, by its name; none if it was not measured. */
    Map<String, Chart> needle() {
        return results.needle().isEmpty()
                ? Map.of()
                : Map.of("needle", NeedleChart.of(results.info(), results.needle(), results.arms(), NeedleScore.FOUND));
    }
}
