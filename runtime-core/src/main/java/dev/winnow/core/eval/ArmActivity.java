package dev.winnow.core.eval;

import java.util.LinkedHashMap;
import java.util.Map;

/** Adds up what the refiners of each arm have removed, over any number of measurements. Not thread-safe. */
public final class ArmActivity {

    private final Map<String, RefinerActivity> arms = new LinkedHashMap<>();

    /** Creates a sum without anything. */
    public ArmActivity() {}

    void add(String arm, RefinerActivity activity) {
        arms.merge(arm, activity, RefinerActivity::plus);
    }

    /**
     * Checks every arm.
     *
     * @throws dev.winnow.api.WinnowException if the refiners of one have removed no key in any of the measurements
     */
    public void require() {
        arms.forEach((arm, activity) -> {
            if (activity.isIdle()) {
                throw activity.inactive(arm + " = " + activity.description());
            }
        });
    }
}
