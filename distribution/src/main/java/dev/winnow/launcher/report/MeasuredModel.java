package dev.winnow.launcher.report;

import dev.winnow.api.Model;
import dev.winnow.api.Session;
import dev.winnow.core.eval.EvalArm;
import dev.winnow.core.eval.Provenance;
import dev.winnow.core.eval.ReportRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What every report says of its model: where the numbers come from, and the effective parameters of each arm's refiners. */
public final class MeasuredModel {

    private final Provenance provenance;
    private final Map<String, String> parameters = new LinkedHashMap<>(); // by arm; empty for dense attention

    /**
     * Reads the model's file for its hash, and asks for a session of each arm.
     *
     * @param threads worker threads of the runtime
     */
    public MeasuredModel(Model model, List<EvalArm> arms, int threads) {
        provenance = Provenance.of(model, threads).withDigest();
        for (EvalArm arm : arms) {
            try (Session session = model.newSession(arm.options())) {
                parameters.put(arm.name(), session.refiners().stream().filter(refiner -> !refiner.required())
                        .map(refiner -> refiner.id() + " " + refiner.parameters().entrySet().stream().sorted(Map.Entry.comparingByKey())
                                .map(Object::toString).collect(Collectors.joining(",")))
                        .collect(Collectors.joining("; ")));
            }
        }
    }

    /** Returns where the numbers come from. */
    public Provenance provenance() {
        return provenance;
    }

    /** Returns the effective parameters by arm; those of dense attention are empty. */
    public Map<String, String> parameters() {
        return parameters;
    }

    /** Returns the row of a report with what is known of its model and its arm. */
    public ReportRow complete(String arm, ReportRow row) {
        Map<String, Object> before = new LinkedHashMap<>(provenance.fields());
        before.put("refiner_parameters", parameters.getOrDefault(arm, ""));
        return row.behind(before);
    }

    /** Returns the lines over a table for people. */
    public String head() {
        StringBuilder text = new StringBuilder(provenance.line()).append('\n');
        parameters.forEach((arm, settings) -> {
            if (!settings.isEmpty()) {
                text.append(arm).append(" = ").append(settings).append('\n');
            }
        });
        return text.append('\n').toString();
    }
}
