package dev.winnow.core.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The results of one arm, kind, length and depth over all seeds.
 *
 * @param arm       name of the arm
 * @param kind      what was hidden
 * @param length    tokens of the prompts
 * @param depth     where the needle was wanted, 0 to 1
 * @param count     number of prompts
 * @param found     share of greedy answers that contain the key
 * @param chosen    share of prompts whose right answer is more likely than every wrong one
 * @param margin    mean margin
 * @param keptRatio mean share of keys that refiners kept
 */
public record NeedleSummary(String arm, NeedleKind kind, int length, double depth, int count, double found, double chosen, double margin,
        double keptRatio) {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("arm", 16), ReportColumn.text("needle", 10),
            ReportColumn.number("length", 7), ReportColumn.number("depth", 6), ReportColumn.number("n", 4),
            ReportColumn.number("found", 8), ReportColumn.number("chosen", 8), ReportColumn.number("margin", 8),
            ReportColumn.number("kept", 8));

    private record Group(String arm, NeedleKind kind, int length, double depth) {}

    /** Returns the summaries, in the order in which their first results stand. */
    public static List<NeedleSummary> of(List<NeedleResult> results) {
        Map<Group, List<NeedleResult>> groups = new LinkedHashMap<>();
        for (NeedleResult result : results) {
            groups.computeIfAbsent(new Group(result.arm(), result.kind(), result.length(), result.depth()), group -> new ArrayList<>())
                    .add(result);
        }
        List<NeedleSummary> summaries = new ArrayList<>();
        groups.forEach((group, members) -> summaries.add(new NeedleSummary(group.arm, group.kind, group.length, group.depth, members.size(),
                members.stream().mapToDouble(result -> result.found() ? 1 : 0).average().orElse(0),
                members.stream().mapToDouble(result -> result.rank() == 1 ? 1 : 0).average().orElse(0),
                members.stream().mapToDouble(NeedleResult::margin).average().orElse(0),
                members.stream().mapToDouble(NeedleResult::keptRatio).average().orElse(0))));
        return summaries;
    }

    /** Returns the columns of {@link #row}. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns the summary for a report. */
    public ReportRow row() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arm", arm);
        fields.put("needle", kind.label());
        fields.put("n_prompt", length);
        fields.put("depth", depth);
        fields.put("n_prompts", count);
        fields.put("found", found);
        fields.put("chosen", chosen);
        fields.put("margin", margin);
        fields.put("kept_ratio", keptRatio);
        return new ReportRow(fields,
                List.of(arm, kind.label(), String.valueOf(length), number(depth), String.valueOf(count), percent(found), percent(chosen),
                        number(margin), percent(keptRatio)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
