package dev.winnow.core.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What some rows of attention kept, a row being one head at one query position.
 *
 * @param layer       number of the layer; {@value #ALL} for several
 * @param head        number of the head; {@value #ALL} for several
 * @param from        first position
 * @param to          end of the positions, exclusive
 * @param baseKeys    keys that the model permits: causal and, in layers that have one, in the sliding window; over all rows
 * @param keptKeys    those of them that were kept
 * @param samples     rows whose dropped mass was measured
 * @param massSum     dropped softmax mass, summed over the samples
 * @param massLargest largest dropped mass of a sample, 0 to 1
 */
public record SparsityShare(int layer, int head, int from, int to, long baseKeys, long keptKeys, long samples, double massSum,
        double massLargest) {

    /** Instead of a number: several layers or heads. */
    public static final int ALL = -1;

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("arm", 16), ReportColumn.number("layer", 5),
            ReportColumn.number("head", 5), ReportColumn.text("positions", 12), ReportColumn.number("kept", 8),
            ReportColumn.number("mean dropped mass", 8), ReportColumn.number("largest", 8));

    static SparsityShare empty(int layer, int head, int from, int to) {
        return new SparsityShare(layer, head, from, to, 0, 0, 0, 0, 0);
    }

    SparsityShare plusRow(long base, long kept) {
        return new SparsityShare(layer, head, from, to, baseKeys + base, keptKeys + kept, samples, massSum, massLargest);
    }

    SparsityShare plusMass(double mass) {
        return new SparsityShare(layer, head, from, to, baseKeys, keptKeys, samples + 1, massSum + mass, Math.max(massLargest, mass));
    }

    /**
     * Returns several in one.
     *
     * @param parts one or more
     */
    public static SparsityShare sum(List<SparsityShare> parts) {
        return parts.stream().reduce((a, b) -> new SparsityShare(a.layer == b.layer ? a.layer : ALL, a.head == b.head ? a.head : ALL,
                Math.min(a.from, b.from), Math.max(a.to, b.to), a.baseKeys + b.baseKeys, a.keptKeys + b.keptKeys, a.samples + b.samples,
                a.massSum + b.massSum, Math.max(a.massLargest, b.massLargest))).orElseThrow();
    }

    /** Returns the share of kept keys, 0 to 1; NaN without rows. */
    public double keptRatio() {
        return (double) keptKeys / baseKeys;
    }

    /** Returns the mean dropped softmax mass, 0 to 1; NaN without samples. */
    public double mass() {
        return massSum / samples;
    }

    /** Returns the columns of {@link #row}. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns this for a report. */
    public ReportRow row(String arm) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arm", arm);
        fields.put("layer", layer);
        fields.put("head", head);
        fields.put("from_position", from);
        fields.put("to_position", to);
        fields.put("base_keys", baseKeys);
        fields.put("kept_keys", keptKeys);
        fields.put("kept_ratio", keptRatio());
        fields.put("n_sampled", samples);
        fields.put("dropped_mass", mass());
        fields.put("dropped_mass_largest", massLargest);
        return new ReportRow(fields, List.of(arm, number(layer), number(head), from + "-" + (to - 1), percent(keptRatio()), percent(mass()),
                samples == 0 ? "" : percent(massLargest)));
    }

    private static String number(int value) {
        return value == ALL ? "all" : String.valueOf(value);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
