package dev.winnow.core.eval;

import dev.winnow.api.ModelInfo;
import dev.winnow.api.RefinerReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The times of one test with one arm. Immutable. */
public final class BenchResult {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("model", 24), ReportColumn.number("size", 10),
            ReportColumn.number("params", 10), ReportColumn.text("backend", 7), ReportColumn.number("threads", 7),
            ReportColumn.text("arm", 16), ReportColumn.number("kept keys", 9), ReportColumn.number("attention", 9),
            ReportColumn.number("selection", 9), ReportColumn.number("products", 9), ReportColumn.number("test", 15),
            ReportColumn.number("t/s", 16), ReportColumn.number("times dense", 11));

    private final Provenance provenance;
    private final EvalArm arm;
    private final BenchTest test;
    private final Sparsity sparsity;
    private final List<Long> samples; // nanoseconds
    private final List<Long> base; // nanoseconds of the first arm in the same repetitions; empty for the first arm itself
    private final PhaseShare prefill;
    private final PhaseShare decode;
    private final Instant time;

    BenchResult(Provenance provenance, EvalArm arm, BenchTest test, List<RefinerReport> refiners, List<Long> samples, List<Long> base,
            PhaseShare prefill, PhaseShare decode, Instant time) {
        this.provenance = provenance;
        this.arm = arm;
        this.test = test;
        this.sparsity = Sparsity.of(refiners, prefill, decode);
        this.samples = List.copyOf(samples);
        this.base = List.copyOf(base);
        this.prefill = prefill;
        this.decode = decode;
        this.time = time.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Returns the arm. */
    public EvalArm arm() {
        return arm;
    }

    /** Returns the test. */
    public BenchTest test() {
        return test;
    }

    /** Returns the time of each repetition in nanoseconds. */
    public List<Long> samples() {
        return samples;
    }

    /** Returns tokens per second, prompt and generation together: mean and standard deviation of the repetitions. */
    public Spread tokensPerSecond() {
        return Spread.of(rates());
    }

    /** Returns the share of keys that refiners kept, over both phases; 1 without refiners. */
    public double keptRatio() {
        double ratio = prefill.plus(decode).keptRatio();
        return Double.isNaN(ratio) ? 1 : ratio;
    }

    /**
     * Returns how many times as fast as the first arm this one was: mean and standard deviation of the ratios of runs in the same repetition, which a machine
     * that changes its speed hits alike. Empty for the first arm.
     */
    public Optional<Spread> speedUp() {
        return base.isEmpty()
                ? Optional.empty()
                : Optional.of(Spread.of(IntStream.range(0, base.size()).mapToObj(i -> (double) base.get(i) / samples.get(i)).toList()));
    }

    /** Returns the refiners and the share of keys that they kept. */
    public Sparsity sparsity() {
        return sparsity;
    }

    private List<Double> rates() {
        return samples.stream().map(nanos -> (test.prompt() + test.generate()) * 1e9 / nanos).toList();
    }

    /** Returns the columns of {@link #row}: llama-bench's, and before the test what Winnow adds. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns the result for a report, with llama-bench's names for what llama-bench has. Shares are of the time that all workers have together. */
    public ReportRow row() {
        ModelInfo info = provenance.info();
        PhaseShare both = prefill.plus(decode);
        return new ReportRow(fields(), List.of(info.description(), Units.bytes(info.bytes()), Units.parameters(info.parameters()),
                provenance.backends(), String.valueOf(provenance.threads()), arm.name(), sparsity.kept(),
                percent(share(both.attentionNanos(), both)), percent(share(both.selectionNanos(), both)),
                percent(share(both.linearNanos(), both)), test.name(), plusMinus(tokensPerSecond()),
                speedUp().map(BenchResult::plusMinus).orElse("")));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String plusMinus(Spread spread) {
        return String.format(Locale.ROOT, "%.2f ± %.2f", spread.mean(), spread.deviation());
    }

    private Map<String, Object> fields() {
        Spread rate = tokensPerSecond();
        Spread nanos = Spread.of(samples);
        String kv = arm.options().kvType().name().toLowerCase(Locale.ROOT);
        Map<String, Object> fields = provenance.fields();
        fields.put("type_k", kv);
        fields.put("type_v", kv);
        fields.put("arm", arm.name());
        fields.putAll(sparsity.fields());
        fields.put("n_ctx", test.contextLength());
        fields.put("n_prompt", test.prompt());
        fields.put("n_gen", test.generate());
        fields.put("n_depth", test.depth());
        fields.put("test_time", time.toString());
        fields.put("avg_ns", Math.round(nanos.mean()));
        fields.put("stddev_ns", Math.round(nanos.deviation()));
        fields.put("avg_ts", rate.mean());
        fields.put("stddev_ts", rate.deviation());
        fields.put("samples_ns", samples);
        fields.put("samples_ts", rates());
        fields.put("speed_up", speedUp().map(Spread::mean).orElse(1.0));
        fields.put("stddev_speed_up", speedUp().map(Spread::deviation).orElse(0.0));
        putPhase(fields, "prefill", prefill);
        putPhase(fields, "decode", decode);
        return fields;
    }

    private void putPhase(Map<String, Object> fields, String name, PhaseShare phase) {
        fields.put("share_attention_" + name, share(phase.attentionNanos(), phase));
        fields.put("share_selection_" + name, share(phase.selectionNanos(), phase));
        fields.put("share_linear_" + name, share(phase.linearNanos(), phase));
    }

    /** Times of parts are summed over workers, that of the whole is elapsed time. */
    private double share(long nanos, PhaseShare phase) {
        return nanos / ((double) phase.wallNanos() * provenance.threads());
    }
}
