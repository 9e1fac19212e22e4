package dev.winnow.launcher.command;

import dev.winnow.core.eval.CompareResult;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.ReportColumn;
import dev.winnow.core.eval.ReportRow;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Means of an arm over all prompts. */
final class CompareSummary {

    static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("all prompts", 16), ReportColumn.number("similarity", 10),
            ReportColumn.number("equal texts", 11), ReportColumn.number("agreement", 9));

    private CompareSummary() {}

    /** Returns the row of an arm. */
    static ReportRow row(EvalArm arm, List<CompareResult> results) {
        List<CompareResult> own = results.stream().filter(result -> result.arm().name().equals(arm.name())).toList();
        long equal = own.stream().filter(result -> result.firstDifference() < 0).count();
        return new ReportRow(Map.of(), List.of(arm.name(), String.format(Locale.ROOT, "%.4f", mean(own, CompareResult::ratio)),
                equal + " of " + own.size(), String.format(Locale.ROOT, "%.1f %%", 100 * mean(own, CompareResult::agreement))));
    }

    private static double mean(List<CompareResult> results, ToDoubleFunction<CompareResult> value) {
        return results.stream().mapToDouble(value).average().orElse(0);
    }
}
