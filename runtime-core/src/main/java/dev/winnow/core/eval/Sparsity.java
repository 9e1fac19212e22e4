package dev.winnow.core.eval;

import dev.winnow.api.RefinerReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which refiners an arm had, which share of the keys they kept in each phase, and what choosing them cost.
 *
 * @param refiners         those that the model does not need, in order
 * @param keptPrefill      share of keys that were kept in prompts, 0 to 1; NaN if there was no prompt
 * @param keptDecode       share of keys that were kept in decoding, 0 to 1; NaN if nothing was decoded
 * @param selectionPrefill multiply-adds of choosing keys in prompts relative to those of dense attention; NaN if there was no prompt
 * @param selectionDecode  the same in decoding; NaN if nothing was decoded
 */
public record Sparsity(List<RefinerReport> refiners, double keptPrefill, double keptDecode, double selectionPrefill,
        double selectionDecode) {

    /** Leaves out the refiners that the model needs. */
    public Sparsity {
        refiners = refiners.stream().filter(refiner -> !refiner.required()).toList();
    }

    static Sparsity of(List<RefinerReport> refiners, PhaseShare prefill, PhaseShare decode) {
        return new Sparsity(refiners, prefill.keptRatio(), decode.keptRatio(), prefill.selectionRatio(), decode.selectionRatio());
    }

    /** Returns refiners of which only names and parameters are known. */
    public static Sparsity unmeasured(List<RefinerReport> refiners) {
        return of(refiners, PhaseShare.NONE, PhaseShare.NONE);
    }

    /** Returns the ids of the refiners, joined by {@code +}; {@code dense} without any. */
    public String names() {
        return refiners.isEmpty() ? "dense" : refiners.stream().map(RefinerReport::id).collect(Collectors.joining("+"));
    }

    /** Returns the effective parameters by name, those of different refiners separated by semicolons; empty without any. */
    public String parameters() {
        return refiners.stream().map(refiner -> refiner.parameters().entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(Object::toString).collect(Collectors.joining(","))).collect(Collectors.joining(";"));
    }

    /** Returns names and effective parameters for people. */
    public String description() {
        return refiners.isEmpty() ? names() : names() + " " + parameters();
    }

    /** Returns the kept share of the phases that happened, for people: prompt first; empty without refiners. */
    public String kept() {
        if (refiners.isEmpty()) {
            return "";
        }
        return List.of(keptPrefill, keptDecode).stream().filter(share -> !share.isNaN())
                .map(share -> String.format(Locale.ROOT, "%.1f %%", 100 * share)).collect(Collectors.joining(" / "));
    }

    /** Returns the refiners as fields of a report. */
    public Map<String, Object> parameterFields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("refiner", names());
        fields.put("refiner_parameters", parameters());
        return fields;
    }

    /** Returns the refiners, what they kept and what that cost as fields of a report. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = parameterFields();
        fields.put("kept_ratio_prefill", keptPrefill);
        fields.put("kept_ratio_decode", keptDecode);
        fields.put("selection_ratio_prefill", selectionPrefill);
        fields.put("selection_ratio_decode", selectionDecode);
        return fields;
    }
}
