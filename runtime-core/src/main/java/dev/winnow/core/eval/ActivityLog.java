package dev.winnow.core.eval;

import dev.winnow.api.RefinerReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up what the refiners of each arm removed over many sessions, for {@link RefinerActivity}. */
final class ActivityLog {

    private record Entry(List<RefinerReport> refiners, long baseKeys, long keptKeys) {}

    private final Map<String, Entry> arms = new LinkedHashMap<>();

    void add(String arm, List<RefinerReport> refiners, PhaseShare share) {
        arms.merge(arm, new Entry(refiners, share.baseKeys(), share.keptKeys()),
                (a, b) -> new Entry(b.refiners, a.baseKeys + b.baseKeys, a.keptKeys + b.keptKeys));
    }

    /**
     * Checks every arm.
     *
     * @throws dev.winnow.api.WinnowException if the refiners of one removed nothing
     */
    void check() {
        arms.forEach((arm, entry) -> RefinerActivity.check(arm, entry.refiners, entry.baseKeys, entry.keptKeys));
    }
}
