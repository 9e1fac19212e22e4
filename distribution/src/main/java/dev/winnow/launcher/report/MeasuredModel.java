package dev.winnow.launcher.report;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.Provenance;
import dev.winnow.core.eval.ReportRow;
import dev.winnow.core.eval.Sparsity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What every report says of its model: where the numbers come from, and the effective parameters of each arm's refiners. */
public final class MeasuredModel {

    private final Provenance provenance;
    private final Map<String, Sparsity> refiners = new LinkedHashMap<>(); // by arm

    /**
     * Reads the model's file for its hash, and asks for a session of each arm.
     *
     * @param threads worker threads of the runtime
     */
    public MeasuredModel(Model model, List<EvalArm> arms, int threads) {
        provenance = Provenance.of(model, threads).withDigest();
        for (EvalArm arm : arms) {
            try (Session session = model.newSession(arm.options())) {
                refiners.put(arm.name(), Sparsity.unmeasured(session.refiners()));
            }
        }
    }

    /** Returns where the numbers come from. */
    public Provenance provenance() {
        return provenance;
    }

    /** Returns the refiners and their effective parameters by arm, for people; {@code dense} without any. */
    public Map<String, String> refiners() {
        Map<String, String> descriptions = new LinkedHashMap<>();
        refiners.forEach((arm, sparsity) -> descriptions.put(arm, sparsity.description()));
        return descriptions;
    }

    /** Returns the row of a report with what is known of its model and its arm. */
    public ReportRow complete(String arm, ReportRow row) {
        Map<String, Object> before = new LinkedHashMap<>(provenance.fields());
        before.putAll(Objects.requireNonNull(refiners.get(arm)).parameterFields());
        return row.behind(before);
    }

    /** Returns the lines over a table for people: the model, and what the names of the arms stand for. */
    public String head() {
        return provenance.line() + "\n" + arms() + "\n";
    }

    /** Returns a line for each arm with refiners: its name and what it stands for. */
    public String arms() {
        StringBuilder text = new StringBuilder();
        refiners.forEach((arm, sparsity) -> {
            if (!sparsity.refiners().isEmpty()) {
                text.append(arm).append(" = ").append(sparsity.description()).append('\n');
            }
        });
        return text.toString();
    }
}
