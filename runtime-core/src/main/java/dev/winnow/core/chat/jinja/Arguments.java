package dev.winnow.core.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of a call.
 *
 * @param positional in order
 * @param named      by name
 */
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** Returns these arguments with another one before them. */
    Arguments after(Object first) {
        List<Object> all = new java.util.ArrayList<>(positional);
        all.addFirst(first);
        return new Arguments(all, named);
    }

    /** Checks that there are at most so many positional arguments, and no names but these. */
    Arguments allow(int most, String... names) {
        if (positional.size() > most) {
            throw JinjaException.of("at most " + most + " arguments are expected, but there are " + positional.size());
        }
        for (String name : named.keySet()) {
            if (!Set.of(names).contains(name)) {
                throw JinjaException.of("an argument '" + name + "' is not expected");
            }
        }
        return this;
    }

    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    /** Returns an argument by its place or name. */
    Object get(int index, String name, Object fallback) {
        return index < positional.size() ? positional.get(index) : named.getOrDefault(name, fallback);
    }

    Object require(int index, String name) {
        if (!has(index, name)) {
            throw JinjaException.of("the argument '" + name + "' is missing");
        }
        return get(index, name, None.NONE);
    }

    Text text(int index, String name) {
        return Values.text(require(index, name));
    }

    long integer(int index, String name, long fallback) {
        return Values.integer(get(index, name, fallback));
    }

    boolean flag(int index, String name, boolean fallback) {
        return Values.isTrue(get(index, name, fallback));
    }
}
