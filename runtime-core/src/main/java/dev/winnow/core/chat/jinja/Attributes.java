package dev.winnow.core.chat.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands behind a dot: methods, then elements of dicts and attributes of namespaces. */
final class Attributes {

    private Attributes() {}

    static Object get(Object value, String name) {
        Object own = own(value, name);
        Object element = own instanceof Undefined && value instanceof Map<?, ?> map ? map.get(Text.of(name)) : null;
        return element == null ? own : element;
    }

    /** As above, without elements of dicts. */
    static Object own(Object value, String name) {
        Callable method = method(value, name);
        if (method != null) {
            return method;
        }
        return switch (value) {
            case Undefined undefined -> throw undefined.failure();
            case Namespace namespace -> namespace.get(name);
            case LoopContext loop -> loop.get(name);
            case Macro macro when name.equals("name") -> Text.of(macro.name());
            default -> new Undefined("the attribute '" + name + "' of " + Values.typeName(value));
        };
    }

    private static @Nullable Callable method(Object value, String name) {
        return switch (value) {
            case Text text -> TextMethods.find(text, name);
            case Map<?, ?> map -> CollectionMethods.find(map, name);
            case List<?> list -> CollectionMethods.find(list, name);
            case Tuple tuple -> CollectionMethods.find(tuple.items(), name);
            default -> null;
        };
    }
}
