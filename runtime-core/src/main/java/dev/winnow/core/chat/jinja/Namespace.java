package dev.winnow.core.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** An object whose attributes can be set, also from inside a loop. Compared by identity. */
final class Namespace {

    private final Map<String, Object> attributes = new HashMap<>();

    Object get(String name) {
        Object value = attributes.get(name);
        return value == null ? new Undefined("the attribute '" + name + "' of the namespace") : value;
    }

    void set(String name, Object value) {
        attributes.put(name, value);
    }
}
