package dev.winnow.launcher.command;

import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.KlComparison;
import dev.winnow.core.eval.KlStatistics;
import dev.winnow.core.eval.Perplexity;
import dev.winnow.core.eval.ReportColumn;
import dev.winnow.core.eval.ReportFormat;
import dev.winnow.core.eval.ReportRow;
import dev.winnow.core.eval.Sparsity;
import dev.winnow.launcher.output.Console;
import dev.winnow.launcher.output.RowOutput;
import dev.winnow.launcher.report.MeasuredModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results of all arms of a perplexity measurement: a row for each, compared with the first. */
final class PerplexityReport {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("arm", 16), ReportColumn.number("kept keys", 15),
            ReportColumn.number("tokens", 7), ReportColumn.number("PPL", 20), ReportColumn.number("to dense", 9),
            ReportColumn.number("mean KLD", 9), ReportColumn.number("same top p", 10));

    private final MeasuredModel model;
    private final int decode;
    private final List<ReportRow> rows = new ArrayList<>();
    private double dense;
    private int contextLength;

    /**
     * Creates a report without rows.
     *
     * @param decode        scored tokens of a chunk that are computed one by one; 0 for the second half, computed as a prompt
     */
    PerplexityReport(MeasuredModel model, int decode) {
        this.model = model;
        this.decode = decode;
    }

    /** Adds the result of an arm. */
    void add(EvalArm arm, Perplexity.Result result) {
        String estimate = String.format(Locale.ROOT, "%.4f ± %.4f", result.perplexity(), result.error());
        contextLength = result.contextLength();
        add(arm, result.sparsity(), result.fields(), result.perplexity(), List.of(String.valueOf(result.tokensScored()), estimate),
                List.of("", ""));
    }

    /** Adds the result of an arm that was compared with a file. */
    void add(EvalArm arm, KlComparison.Result result) {
        KlStatistics statistics = result.statistics();
        String estimate = String.format(Locale.ROOT, "%.4f ± %.4f", statistics.ppl().value(), statistics.ppl().error());
        contextLength = result.contextLength();
        add(arm, result.sparsity(), result.fields(), statistics.ppl().value(), List.of(String.valueOf(statistics.count()), estimate),
                List.of(String.format(Locale.ROOT, "%.5f", statistics.kld().value()),
                        String.format(Locale.ROOT, "%.2f %%", 100 * statistics.sameTop().value())));
    }

    private void add(EvalArm arm, Sparsity sparsity, Map<String, Object> values, double perplexity, List<String> head, List<String> tail) {
        dense = rows.isEmpty() ? perplexity : dense;
        String kv = arm.options().kvType().name().toLowerCase(Locale.ROOT);
        Map<String, Object> fields = model.provenance().fields();
        fields.put("type_k", kv);
        fields.put("type_v", kv);
        fields.put("n_decode", decode);
        fields.put("arm", arm.name());
        fields.putAll(sparsity.fields());
        fields.putAll(values);
        fields.put("ppl_to_dense", perplexity / dense);
        List<String> cells = new ArrayList<>(List.of(arm.name(), sparsity.kept()));
        cells.addAll(head);
        cells.add(rows.isEmpty() ? "" : String.format(Locale.ROOT, "%+.3f %%", 100 * (perplexity / dense - 1)));
        cells.addAll(tail);
        rows.add(new ReportRow(new LinkedHashMap<>(fields), cells));
    }

    /** Writes the report, unless it is empty; people get a table only if there is something to compare. */
    void write(Console console, ReportFormat format) {
        if (rows.isEmpty()) {
            return;
        }
        if (format != ReportFormat.MD || rows.size() > 1) {
            console.print(format == ReportFormat.MD ? "\n" : "");
            try (RowOutput output = new RowOutput(console, format, COLUMNS)) {
                rows.forEach(output::row);
            }
        }
        if (format == ReportFormat.MD) {
            console.print("\n" + model.provenance().line() + "; context: " + contextLength + "\n" + model.arms());
        }
    }
}
