package dev.winnow.spi;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The user's settings for one provider, as kebab-case names and text values ({@code top-k=512}). Typed accessors turn a malformed value into an
 * {@link IllegalArgumentException} whose message names the setting, the value and what is allowed. Immutable.
 */
public final class Settings {

    private static final Settings NONE = new Settings("", Map.of());

    private final String owner;
    private final TreeMap<String, String> values;

    private Settings(String owner, Map<String, String> values) {
        this.owner = owner;
        this.values = new TreeMap<>(values);
    }

    /** Returns settings without a value. */
    public static Settings none() {
        return NONE;
    }

    /**
     * Returns settings from names and values.
     *
     * @param owner id of the provider, for messages
     */
    public static Settings of(String owner, Map<String, String> values) {
        return new Settings(owner, values);
    }

    /**
     * Parses {@code name=value,name=value}; an empty text has no settings.
     *
     * @throws IllegalArgumentException for a part without {@code =} or a name given twice
     */
    public static Settings parse(String owner, String text) {
        Map<String, String> values = new TreeMap<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(owner + ": '" + part.strip() + "' is not of the form name=value");
            }
            String name = part.substring(0, equals).strip();
            if (values.put(name, part.substring(equals + 1).strip()) != null) {
                throw new IllegalArgumentException(owner + ": the setting '" + name + "' is given twice");
            }
        }
        return new Settings(owner, values);
    }

    /** Returns whether no setting has a value. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** Returns the value of a setting as text. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** Returns the value of a setting as an integer of {@code min..max}. */
    public OptionalInt integer(String name, int min, int max) {
        String value = values.get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            throw notAllowed(name, value, "an integer from " + min + " to " + max);
        }
        throw notAllowed(name, value, "an integer from " + min + " to " + max);
    }

    /** Returns the value of a setting as a number of {@code min..max}. */
    public OptionalDouble real(String name, double min, double max) {
        String value = values.get(name);
        if (value == null) {
            return OptionalDouble.empty();
        }
        String allowed = "a number from " + min + " to " + max;
        try {
            double number = Double.parseDouble(value);
            if (number >= min && number <= max) {
                return OptionalDouble.of(number);
            }
        } catch (NumberFormatException e) {
            throw notAllowed(name, value, allowed);
        }
        throw notAllowed(name, value, allowed);
    }

    /** Returns the value of a setting that is {@code true} or {@code false}. */
    public Optional<Boolean> bool(String name) {
        String value = values.get(name);
        if (value == null) {
            return Optional.empty();
        }
        return switch (value) {
            case "true" -> Optional.of(Boolean.TRUE);
            case "false" -> Optional.of(Boolean.FALSE);
            default -> throw notAllowed(name, value, "true or false");
        };
    }

    /**
     * Checks that every setting is one of the known names.
     *
     * @throws IllegalArgumentException for the first unknown name; the message lists the known ones
     */
    public void requireKnown(String... known) {
        TreeSet<String> names = new TreeSet<>(Arrays.asList(known));
        for (String name : values.keySet()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(owner + ": unknown setting '" + name + "'; known: " + String.join(", ", names));
            }
        }
    }

    private IllegalArgumentException notAllowed(String name, String value, String allowed) {
        return new IllegalArgumentException(owner + ": '" + value + "' is not a value for '" + name + "', which takes " + allowed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings settings && owner.equals(settings.owner) && values.equals(settings.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(owner, values);
    }

    /** Returns the settings in the form that {@link #parse} reads. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(value));
        return text.toString();
    }
}
