package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The methods of Python's dict, list and tuple that templates use; those that change them are refused, as in Jinja's sandbox. */
final class CollectionMethods {

    private CollectionMethods() {}

    static @Nullable Callable find(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> arguments -> items(map);
            case "keys" -> arguments -> new ArrayList<Object>(map.keySet());
            case "values" -> arguments -> new ArrayList<Object>(map.values());
            case "get" -> arguments -> {
                Object value = map.get(arguments.require(0, "key"));
                return value == null ? arguments.get(1, "default", None.NONE) : value;
            };
            case "copy" -> arguments -> new LinkedHashMap<Object, Object>(map);
            case "update", "pop", "popitem", "clear", "setdefault" -> refused(name);
            default -> null;
        };
    }

    static @Nullable Callable find(List<?> list, String name) {
        return switch (name) {
            case "index" -> arguments -> {
                for (int i = 0; i < list.size(); i++) {
                    if (Values.isEqual(Objects.requireNonNull(list.get(i)), arguments.require(0, "value"))) {
                        return (long) i;
                    }
                }
                throw JinjaException.of("the element is not in the list");
            };
            case "count" -> arguments -> list.stream()
                    .filter(item -> Values.isEqual(Objects.requireNonNull(item), arguments.require(0, "value"))).count();
            case "copy" -> arguments -> new ArrayList<Object>(list);
            case "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse" -> refused(name);
            default -> null;
        };
    }

    private static Callable refused(String name) {
        return arguments -> {
            throw JinjaException.of("the method '" + name + "' is not allowed: it would change the value");
        };
    }

    static List<Object> items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(new Tuple(List.of(Objects.requireNonNull(key), Objects.requireNonNull(value)))));
        return items;
    }
}
