package dev.winnow.launcher.report;

import dev.winnow.api.ModelInfo;
import dev.winnow.core.eval.NeedleKind;
import dev.winnow.core.eval.NeedleResult;
import dev.winnow.core.eval.NeedleSummary;
import dev.winnow.launcher.chart.HeatMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws retrieval by length and depth: a line of maps for each kind of needle, in it one map for each arm. */
public final class NeedleChart {

    private static final HeatMap.Axes AXES = new HeatMap.Axes("length of the prompt (tokens)",
            "depth of the needle (0: beginning, 1: end)");
    private static final HeatMap.Scale PERCENT = new HeatMap.Scale(0, 100, "0");

    private NeedleChart() {}

    /**
     * Returns the picture.
     *
     * @param results of all arms
     * @param arms    names, in the order of the maps
     * @param score   what the maps show
     */
    public static HeatMap of(ModelInfo model, List<NeedleResult> results, List<String> arms, NeedleScore score) {
        List<NeedleSummary> summaries = NeedleSummary.of(results);
        List<List<HeatMap.Panel>> groups = new ArrayList<>();
        for (NeedleKind kind : summaries.stream().map(NeedleSummary::kind).distinct().toList()) {
            groups.add(arms.stream().map(arm -> panel(kind.label() + ", " + arm,
                    summaries.stream().filter(summary -> summary.kind() == kind && summary.arm().equals(arm)).toList(), score)).toList());
        }
        int prompts = summaries.getFirst().count();
        return new HeatMap(model.name() + ": " + score.label() + " (%), " + prompts + (prompts == 1 ? " prompt" : " prompts") + " per cell",
                AXES, PERCENT, groups);
    }

    private static HeatMap.Panel panel(String title, List<NeedleSummary> summaries, NeedleScore score) {
        List<Integer> lengths = summaries.stream().map(NeedleSummary::length).distinct().sorted().toList();
        List<Double> depths = summaries.stream().map(NeedleSummary::depth).distinct().sorted().toList();
        List<List<Double>> values = depths.stream().map(depth -> lengths.stream().map(length -> summaries.stream()
                .filter(summary -> summary.depth() == depth && summary.length() == length).mapToDouble(summary -> 100 * score.of(summary))
                .findFirst().orElse(Double.NaN)).toList()).toList();
        return new HeatMap.Panel(title, lengths.stream().map(String::valueOf).toList(),
                depths.stream().map(depth -> String.format(Locale.ROOT, "%.2f", depth)).toList(), values);
    }
}
