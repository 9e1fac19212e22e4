package dev.winnow.core.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How one arm answered one prompt.
 *
 * @param arm            name of the arm
 * @param kind           what was hidden
 * @param length         tokens of the prompt
 * @param depth          where the needle was wanted, 0 to 1
 * @param placedDepth    where it was, at the end of a sentence
 * @param seed           of the prompt
 * @param key            what a right answer contains
 * @param answer         the greedy answer
 * @param found          whether the answer contains the key
 * @param logProbability ln of the probability of the right answer
 * @param bestDecoy      ln of the probability of the most likely wrong answer
 * @param rank           place of the right answer among all by probability, from 1
 * @param keptRatio      share of keys that refiners kept, 0 to 1
 * @param promptNanos    time for the prompt
 */
public record NeedleResult(String arm, NeedleKind kind, int length, double depth, double placedDepth, long seed, String key, String answer,
        boolean found, double logProbability, double bestDecoy, int rank, double keptRatio, long promptNanos) {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("arm", 16), ReportColumn.text("needle", 10),
            ReportColumn.number("length", 7), ReportColumn.number("depth", 6), ReportColumn.number("seed", 5),
            ReportColumn.text("found", 5), ReportColumn.number("rank", 4), ReportColumn.number("ln p", 8),
            ReportColumn.number("margin", 8), ReportColumn.number("kept", 8), ReportColumn.number("prompt t/s", 10),
            ReportColumn.text("answer", 24));

    /** Returns by how much the right answer is more likely than every wrong one: a difference of logarithms, negative if it is not. */
    public double margin() {
        return logProbability - bestDecoy;
    }

    /** Returns the columns of {@link #row}. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns the result for a report. */
    public ReportRow row() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arm", arm);
        fields.put("needle", kind.label());
        fields.put("n_prompt", length);
        fields.put("depth", depth);
        fields.put("placed_depth", placedDepth);
        fields.put("seed", seed);
        fields.put("key", key);
        fields.put("answer", answer);
        fields.put("found", found);
        fields.put("log_probability", logProbability);
        fields.put("best_decoy", bestDecoy);
        fields.put("margin", margin());
        fields.put("rank", rank);
        fields.put("kept_ratio", keptRatio);
        fields.put("prompt_ns", promptNanos);
        return new ReportRow(fields, List.of(arm, kind.label(), String.valueOf(length), number("%.2f", depth), String.valueOf(seed),
                found ? "yes" : "no", String.valueOf(rank), number("%.2f", logProbability), number("%.2f", margin()),
                number("%.3f", keptRatio), number("%.1f", length * 1e9 / Math.max(1, promptNanos)), answer.strip()));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
