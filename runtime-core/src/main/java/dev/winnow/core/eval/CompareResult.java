package dev.winnow.core.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How one arm's continuation of a prompt compares with that of the first arm.
 *
 * @param arm             the arm
 * @param prompt          number of the prompt, from 0
 * @param promptTokens    tokens of the prompt
 * @param tokens          tokens of the arm's continuation
 * @param baseTokens      tokens of the first arm's continuation
 * @param ratio           similarity of the two texts by {@link SequenceMatcher}, 0 to 1
 * @param tokenRatio      similarity of the two sequences of tokens by {@link SequenceMatcher}, 0 to 1
 * @param firstDifference index of the first token that differs, or that only one of them has; −1 if they are equal
 * @param agreement       share of the first arm's tokens that this arm finds most likely after the first arm's tokens before them
 * @param sparsity        what the refiners kept
 * @param promptNanos     time for the prompt
 * @param decodeNanos     time for the continuation
 * @param text            the continuation
 */
public record CompareResult(EvalArm arm, int prompt, int promptTokens, int tokens, int baseTokens, double ratio, double tokenRatio,
        int firstDifference, double agreement, Sparsity sparsity, long promptNanos, long decodeNanos, String text) {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("arm", 16), ReportColumn.number("prompt", 6),
            ReportColumn.number("tokens", 7), ReportColumn.number("similarity", 10), ReportColumn.number("first diff", 10),
            ReportColumn.number("agreement", 9), ReportColumn.number("kept keys", 15), ReportColumn.number("pp t/s", 8),
            ReportColumn.number("tg t/s", 8));

    /** Returns the columns of {@link #row}. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns the result for a report. */
    public ReportRow row() {
        double promptRate = promptTokens * 1e9 / Math.max(1, promptNanos);
        double decodeRate = tokens * 1e9 / Math.max(1, decodeNanos);
        Map<String, Object> fields = new LinkedHashMap<>();
        String kv = arm.options().kvType().name().toLowerCase(Locale.ROOT);
        fields.put("type_k", kv);
        fields.put("type_v", kv);
        fields.put("arm", arm.name());
        fields.putAll(sparsity.fields());
        fields.put("prompt", prompt);
        fields.put("n_prompt", promptTokens);
        fields.put("n_gen", tokens);
        fields.put("n_gen_base", baseTokens);
        fields.put("text_ratio", ratio);
        fields.put("token_ratio", tokenRatio);
        fields.put("first_difference", firstDifference);
        fields.put("token_agreement", agreement);
        fields.put("prompt_ts", promptRate);
        fields.put("gen_ts", decodeRate);
        fields.put("text", text);
        return new ReportRow(fields,
                List.of(arm.name(), String.valueOf(prompt), String.valueOf(promptTokens), number("%.4f", ratio),
                        firstDifference < 0 ? "none" : String.valueOf(firstDifference), number("%.1f %%", 100 * agreement),
                        sparsity.kept(), number("%.2f", promptRate), number("%.2f", decodeRate)));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
