package dev.winnow.core.eval;

import dev.winnow.api.ModelInfo;
import dev.winnow.api.RefinerReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The times of one test with one arm. Immutable. */
public final class BenchResult {

    private static final List<ReportColumn> COLUMNS = List.of(ReportColumn.text("model", 30), ReportColumn.number("size", 10),
            ReportColumn.number("params", 10), ReportColumn.text("backend", 10), ReportColumn.number("threads", 10),
            ReportColumn.text("refiner", 16), ReportColumn.number("kept", 8), ReportColumn.number("test", 15),
            ReportColumn.number("t/s", 20));

    private final Bench.Setting setting;
    private final EvalArm arm;
    private final BenchTest test;
    private final List<RefinerReport> refiners;
    private final List<Long> samples; // nanoseconds
    private final PhaseShare prefill;
    private final PhaseShare decode;
    private final Instant time;

    BenchResult(Bench.Setting setting, EvalArm arm, BenchTest test, List<RefinerReport> refiners, List<Long> samples, PhaseShare prefill,
            PhaseShare decode, Instant time) {
        this.setting = setting;
        this.arm = arm;
        this.test = test;
        this.refiners = refiners.stream().filter(refiner -> !refiner.required()).toList();
        this.samples = List.copyOf(samples);
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
    public Estimate tokensPerSecond() {
        return meanAndDeviation(rates());
    }

    /** Returns the share of keys that refiners kept, over both phases; 1 without refiners. */
    public double keptRatio() {
        double ratio = prefill.plus(decode).keptRatio();
        return Double.isNaN(ratio) ? 1 : ratio;
    }

    private List<Double> rates() {
        return samples.stream().map(nanos -> (test.prompt() + test.generate()) * 1e9 / nanos).toList();
    }

    /** Standard deviation of a sample, as llama-bench has it; 0 for a single value. */
    private static Estimate meanAndDeviation(List<? extends Number> values) {
        double mean = values.stream().mapToDouble(Number::doubleValue).average().orElse(0);
        double squares = values.stream().mapToDouble(value -> Math.pow(value.doubleValue() - mean, 2)).sum();
        return new Estimate(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
    }

    /** Returns the columns of {@link #row}. */
    public static List<ReportColumn> columns() {
        return COLUMNS;
    }

    /** Returns the result for a report, with llama-bench's names for what llama-bench has. */
    public ReportRow row() {
        ModelInfo info = setting.info();
        Estimate rate = tokensPerSecond();
        Estimate nanos = meanAndDeviation(samples);
        String kv = arm.options().kvType().name().toLowerCase(Locale.ROOT);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cpu_info", setting.cpu());
        fields.put("java", Runtime.version().toString());
        fields.put("backends", setting.backends());
        fields.put("model_filename", info.file().toString());
        fields.put("model_type", info.description());
        fields.put("model_size", info.bytes());
        fields.put("model_n_params", info.parameters());
        fields.put("n_threads", setting.threads());
        fields.put("type_k", kv);
        fields.put("type_v", kv);
        fields.put("arm", arm.name());
        fields.put("refiner", refinerNames());
        fields.put("refiner_parameters", refiners.stream().map(refiner -> refiner.parameters().entrySet().stream()
                .sorted(Map.Entry.comparingByKey()).map(Object::toString).collect(Collectors.joining(",")))
                .collect(Collectors.joining(";")));
        fields.put("n_prompt", test.prompt());
        fields.put("n_gen", test.generate());
        fields.put("n_depth", test.depth());
        fields.put("test_time", time.toString());
        fields.put("avg_ns", Math.round(nanos.value()));
        fields.put("stddev_ns", Math.round(nanos.error()));
        fields.put("avg_ts", rate.value());
        fields.put("stddev_ts", rate.error());
        fields.put("samples_ns", samples);
        fields.put("samples_ts", rates());
        putPhase(fields, "prefill", prefill);
        putPhase(fields, "decode", decode);
        String kept = refiners.isEmpty() ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * keptRatio());
        return new ReportRow(fields, List.of(info.description(), Units.bytes(info.bytes()), Units.parameters(info.parameters()),
                setting.backends(), String.valueOf(setting.threads()), refinerNames(), kept, test.name(),
                String.format(Locale.ROOT, "%.2f ± %.2f", rate.value(), rate.error())));
    }

    private String refinerNames() {
        List<String> names = new ArrayList<>(refiners.stream().map(RefinerReport::id).toList());
        return names.isEmpty() ? "dense" : String.join("+", names);
    }

    /** Shares are of the time that all workers have together. */
    private void putPhase(Map<String, Object> fields, String name, PhaseShare share) {
        double time = (double) share.wallNanos() * setting.threads();
        fields.put("kept_ratio_" + name, share.keptRatio());
        fields.put("selection_ratio_" + name, share.selectionRatio());
        fields.put("share_attention_" + name, share.attentionNanos() / time);
        fields.put("share_selection_" + name, share.selectionNanos() / time);
        fields.put("share_linear_" + name, share.linearNanos() / time);
    }
}
