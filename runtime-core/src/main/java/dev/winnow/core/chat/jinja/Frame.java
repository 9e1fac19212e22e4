package dev.winnow.core.chat.jinja;

import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The variables of a part of a template, inside those of the part around it. */
final class Frame {

    /** How much one rendering may do: templates come from files that may mean harm. */
    static final class Budget {

        private static final long STEPS = 20_000_000;

        private final Supplier<ZonedDateTime> clock;
        private long steps;

        Budget(Supplier<ZonedDateTime> clock) {
            this.clock = clock;
        }

        void step() {
            if (++steps > STEPS) {
                throw JinjaException.of("the template does not come to an end");
            }
        }

        ZonedDateTime now() {
            return clock.get();
        }
    }

    private final @Nullable Frame parent;
    private final Map<String, Object> variables = new HashMap<>();
    private final Budget budget;

    Frame(Budget budget) {
        this.parent = null;
        this.budget = budget;
    }

    private Frame(Frame parent) {
        this.parent = parent;
        this.budget = parent.budget;
    }

    Frame inner() {
        return new Frame(this);
    }

    Budget budget() {
        return budget;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.parent) {
            Object value = frame.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Undefined("'" + name + "'");
    }
}
