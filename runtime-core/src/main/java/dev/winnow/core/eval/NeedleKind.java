package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** What is hidden in the haystack. */
public enum NeedleKind {
    /** A pass key of five digits. */
    PASS_KEY,
    /** A sentence on what is best to do in a city. */
    SENTENCE,
    /** Two pass keys, for two doors, of which one is asked for; the other one is among the decoys. */
    TWO_KEYS;

    private static final List<String> CITIES = List.of("San Francisco", "Lisbon", "Kyoto", "Nairobi", "Valparaiso", "Tbilisi", "Oslo",
            "Hanoi");
    private static final List<String> FIRST_THINGS = List.of("eat a sandwich", "read a novel", "fly a kite", "paint the bridge",
            "feed the pigeons", "play chess", "drink hot chocolate", "listen to the bells");
    private static final List<String> SECOND_THINGS = List.of("in the old park", "near the harbor", "on a sunny day", "behind the museum",
            "with a good friend", "under the lanterns", "at the night market", "by the river");
    private static final List<String> DOORS = List.of("red", "blue", "green", "yellow", "black", "white");

    /** Returns the name for reports, for example {@code pass-key}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the kind of a {@link #label}.
     *
     * @throws WinnowException for an unknown one
     */
    public static NeedleKind parse(String label) {
        List<String> known = new ArrayList<>();
        for (NeedleKind kind : values()) {
            if (kind.label().equals(label)) {
                return kind;
            }
            known.add(kind.label());
        }
        throw new WinnowException(WinnowException.Kind.USAGE,
                "The kind of needle '" + label + "' is not known; known are " + String.join(", ", known) + ".");
    }

    /**
     * The texts of one task.
     *
     * @param needles  what is hidden; the first one holds the answer
     * @param question what follows the haystack; ends where the answer begins
     * @param key      what a right answer contains
     * @param decoys   what takes the key's place in wrong answers, all different
     */
    record Task(List<String> needles, String question, String key, List<String> decoys) {}

    /** Makes up a task; decoys may be fewer than wanted if there are not so many different ones. */
    Task task(int decoys, Random random) {
        return switch (this) {
            case PASS_KEY -> {
                List<String> keys = distinct(decoys + 1, () -> passKey(random));
                String needle = "\nThe pass key is " + keys.getFirst() + ". Remember it. " + keys.getFirst() + " is the pass key.\n";
                yield new Task(List.of(needle), "\n\nWhat is the pass key? The pass key is", keys.getFirst(), keys.subList(1, keys.size()));
            }
            case SENTENCE -> {
                String city = CITIES.get(random.nextInt(CITIES.size()));
                List<String> things = distinct(Math.min(decoys + 1, FIRST_THINGS.size() * SECOND_THINGS.size()),
                        () -> FIRST_THINGS.get(random.nextInt(FIRST_THINGS.size())) + " "
                                + SECOND_THINGS.get(random.nextInt(SECOND_THINGS.size())));
                String best = "The best thing to do in " + city + " is to";
                yield new Task(List.of("\n" + best + " " + things.getFirst() + ".\n"),
                        "\n\nWhat is the best thing to do in " + city + "? " + best, things.getFirst(), things.subList(1, things.size()));
            }
            case TWO_KEYS -> {
                List<String> keys = distinct(Math.max(decoys, 1) + 1, () -> passKey(random));
                List<String> doors = distinct(2, () -> DOORS.get(random.nextInt(DOORS.size())));
                List<String> needles = List.of(door(doors.get(0), keys.get(0)), door(doors.get(1), keys.get(1)));
                String asked = "the pass key of the " + doors.getFirst() + " door";
                yield new Task(needles, "\n\nWhat is " + asked + "? T" + asked.substring(1) + " is", keys.getFirst(),
                        keys.subList(1, keys.size()));
            }
        };
    }

    private static String door(String door, String key) {
        return "\nThe pass key of the " + door + " door is " + key + ". Remember it.\n";
    }

    private static String passKey(Random random) {
        return String.valueOf(10_000 + random.nextInt(90_000));
    }

    private static List<String> distinct(int count, java.util.function.Supplier<String> source) {
        Set<String> found = new LinkedHashSet<>();
        while (found.size() < count) {
            found.add(source.get());
        }
        return List.copyOf(found);
    }
}
