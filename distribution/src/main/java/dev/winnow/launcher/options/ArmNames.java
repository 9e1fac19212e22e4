package dev.winnow.launcher.options;

import dev.winnow.api.RefinerReport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Names for arms that the user gave none: what their refiners do, and where that is the same, the settings in which they differ. */
final class ArmNames {

    /** Effective parameters that say how a refiner chooses keys, by phase. */
    private static final List<String> SELECTIONS = List.of("prefill", "decode");
    private static final String DENSE = "dense";
    private static final int LONGEST = 40; // has to fit into tables and pictures

    private ArmNames() {}

    /**
     * Returns names that differ from each other, for example {@code blocks-pages}, {@code exact} or {@code swa}; {@code exact top-k=64} beside
     * {@code exact top-k=256}; and with a number at the end if settings are too many for a name.
     *
     * @param arms  the refiners of each arm that the model does not need, with their effective parameters
     * @param taken names that have been given
     */
    static List<String> of(List<List<RefinerReport>> arms, Set<String> taken) {
        List<String> base = arms.stream().map(ArmNames::base).toList();
        List<String> names = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>(taken);
        for (int i = 0; i < arms.size(); i++) {
            String own = base.get(i);
            List<List<RefinerReport>> alike = new ArrayList<>();
            for (int other = 0; other < arms.size(); other++) {
                if (base.get(other).equals(own)) {
                    alike.add(arms.get(other));
                }
            }
            String name = alike.size() == 1 ? own : own + " " + differences(arms.get(i), alike);
            name = name.length() > LONGEST ? own : name.strip();
            String numbered = name;
            for (int number = 2; !used.add(numbered); number++) {
                numbered = name + "-" + number;
            }
            names.add(numbered);
        }
        return names;
    }

    private static String base(List<RefinerReport> refiners) {
        return refiners.stream().map(ArmNames::base).distinct().collect(Collectors.joining("+"));
    }

    private static String base(RefinerReport refiner) {
        Set<String> selections = new LinkedHashSet<>();
        for (String phase : SELECTIONS) {
            String selection = refiner.parameters().getOrDefault(phase, DENSE);
            if (!selection.equals(DENSE)) {
                selections.add(selection);
            }
        }
        return selections.isEmpty() ? refiner.id() : String.join("-", selections);
    }

    /** Returns the parameters of an arm that are not the same in all that are like it. */
    private static String differences(List<RefinerReport> arm, List<List<RefinerReport>> alike) {
        Map<String, String> own = parameters(arm);
        Set<String> differing = new TreeSet<>();
        for (List<RefinerReport> other : alike) {
            Map<String, String> others = parameters(other);
            own.forEach((name, value) -> {
                if (!value.equals(others.get(name))) {
                    differing.add(name);
                }
            });
        }
        return withoutPhases(own, differing).entrySet().stream().map(Object::toString).collect(Collectors.joining(","));
    }

    /** One setting often counts for both phases: {@code prefill-top-k=8} and {@code decode-top-k=8} are {@code top-k=8}. */
    private static Map<String, String> withoutPhases(Map<String, String> own, Set<String> differing) {
        Map<String, String> result = new TreeMap<>();
        for (String name : differing) {
            String value = own.getOrDefault(name, "");
            String plain = name;
            for (String phase : SELECTIONS) {
                plain = plain.startsWith(phase + "-") ? plain.substring(phase.length() + 1) : plain;
            }
            boolean alone = result.getOrDefault(plain, value).equals(value);
            result.put(alone ? plain : name, value);
        }
        return result;
    }

    private static Map<String, String> parameters(List<RefinerReport> arm) {
        Map<String, String> parameters = new TreeMap<>();
        arm.forEach(refiner -> parameters.putAll(refiner.parameters()));
        return parameters;
    }
}
