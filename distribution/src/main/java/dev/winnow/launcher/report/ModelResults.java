package dev.winnow.launcher.report;

import dev.winnow.api.ModelInfo;
import dev.winnow.core.eval.ArmAccuracy;
import dev.winnow.core.eval.BenchResult;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.NeedleResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Everything that was measured with one model. Parts that were not asked for are empty. Not thread-safe. */
final class ModelResults {

    private final MeasuredModel measured;
    private final Map<String, String> specifications = new LinkedHashMap<>(); // by arm
    private final List<String> arms;
    private List<BenchResult> speed = List.of();
    private final Map<String, List<ArmAccuracy.Result>> accuracy = new LinkedHashMap<>(); // by the name of the text
    private List<NeedleResult> needle = List.of();

    /**
     * Creates results without any.
     *
     * @param arms dense attention first
     */
    ModelResults(MeasuredModel measured, List<EvalArm> arms) {
        this.measured = measured;
        arms.forEach(arm -> specifications.put(arm.name(), arm.specification()));
        this.arms = List.copyOf(specifications.keySet());
    }

    MeasuredModel measured() {
        return measured;
    }

    ModelInfo info() {
        return measured.provenance().info();
    }

    /** Returns the name of the model's file without its ending: what tells it apart from others on the page. */
    String title() {
        return title(info().file());
    }

    /** Returns the title in letters that are safe in names of files. */
    String fileTitle() {
        return fileTitle(info().file());
    }

    private static String title(Path file) {
        return name(file).replaceFirst("\\.gguf$", "");
    }

    static String fileTitle(Path file) {
        return title(file).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    List<String> arms() {
        return arms;
    }

    /** Returns what an arm was asked for. */
    String specification(String arm) {
        return specifications.getOrDefault(arm, "");
    }

    List<String> sparseArms() {
        return arms.subList(1, arms.size());
    }

    List<BenchResult> speed() {
        return speed;
    }

    void speed(List<BenchResult> results) {
        speed = List.copyOf(results);
    }

    Map<String, List<ArmAccuracy.Result>> accuracy() {
        return accuracy;
    }

    void accuracy(String text, List<ArmAccuracy.Result> results) {
        accuracy.put(text, List.copyOf(results));
    }

    /** Returns the accuracy of an arm over all texts; empty if it was not measured. */
    Optional<ArmAccuracy.Result> pooledAccuracy(String arm) {
        return accuracy.values().stream().flatMap(List::stream).filter(result -> result.arm().equals(arm)).reduce(ArmAccuracy.Result::plus);
    }

    /** Returns whether the refiners of an arm have removed no key in anything that was measured. */
    boolean isIdle(String arm) {
        return speed.stream().filter(result -> result.arm().name().equals(arm)).allMatch(result -> result.keptRatio() >= 1)
                && pooledAccuracy(arm).map(ArmAccuracy.Result::sparsity)
                        .map(sparsity -> !(sparsity.keptPrefill() < 1) && !(sparsity.keptDecode() < 1)).orElse(true)
                && needle(arm).stream().allMatch(result -> result.keptRatio() >= 1);
    }

    /** Returns the answers of an arm; empty if none were asked for. */
    List<NeedleResult> needle(String arm) {
        return needle.stream().filter(result -> result.arm().equals(arm)).toList();
    }

    List<NeedleResult> needle() {
        return needle;
    }

    void needle(List<NeedleResult> results) {
        needle = List.copyOf(results);
    }
}
