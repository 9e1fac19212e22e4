package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Filters of lists and dicts. */
final class ListFilters {

    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

    private ListFilters() {}

    static void addTo(Map<String, Callable> filters) {
        filters.put("length", arguments -> (long) Values.length(arguments.require(0, "value")));
        filters.put("count", arguments -> (long) Values.length(arguments.require(0, "value")));
        filters.put("list", arguments -> new ArrayList<>(items(arguments)));
        filters.put("first",
                arguments -> items(arguments).isEmpty() ? new Undefined("the first item of nothing") : items(arguments).getFirst());
        filters.put("last",
                arguments -> items(arguments).isEmpty() ? new Undefined("the last item of nothing") : items(arguments).getLast());
        filters.put("reverse", ListFilters::reverse);
        filters.put("join", ListFilters::join);
        filters.put("map", ListFilters::map);
        filters.put("select", arguments -> select(arguments, Function.identity(), 1, true));
        filters.put("reject", arguments -> select(arguments, Function.identity(), 1, false));
        filters.put("selectattr", arguments -> select(arguments, attribute(arguments.require(1, "attribute")), 2, true));
        filters.put("rejectattr", arguments -> select(arguments, attribute(arguments.require(1, "attribute")), 2, false));
        filters.put("sort", ListFilters::sort);
        filters.put("unique", ListFilters::unique);
        filters.put("sum", ListFilters::sum);
        filters.put("min", arguments -> extreme(arguments, 1));
        filters.put("max", arguments -> extreme(arguments, -1));
        filters.put("items", arguments -> switch (arguments.require(0, "value")) {
            case Map<?, ?> map -> CollectionMethods.items(map);
            case Undefined _ -> List.of();
            case Object other -> throw JinjaException.of("a dict is expected, not " + Values.typeName(other));
        });
        filters.put("dictsort", ListFilters::sortDict);
        filters.put("batch", ListFilters::batch);
        filters.put("groupby", ListFilters::group);
        filters.put("wordcount", arguments -> WORD.matcher(Values.print(arguments.require(0, "value")).value()).results().count());
    }

    private static List<Object> items(Arguments arguments) {
        return Values.items(arguments.require(0, "value"));
    }

    /** As above; what is false has no items. */
    private static List<Object> itemsOfTrue(Arguments arguments) {
        return Values.isTrue(arguments.require(0, "value")) ? items(arguments) : List.of();
    }

    private static Object reverse(Arguments arguments) {
        List<Object> reversed = items(arguments).reversed();
        return arguments.require(0, "value") instanceof Text ? TextMethods.join(reversed, Text.EMPTY) : new ArrayList<>(reversed);
    }

    /** Returns what finds an attribute, given by its name, its index, or several of them with dots between. */
    private static Function<Object, Object> attribute(Object path) {
        if (!(path instanceof Text text)) {
            return value -> Operators.item(value, path);
        }
        return value -> {
            Object result = value;
            for (String part : text.value().split("\\.", -1)) {
                boolean index = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9') && part.length() < 10;
                result = Operators.item(result, index ? (Object) Long.parseLong(part) : Text.of(part));
            }
            return result;
        };
    }

    private static Function<Object, Object> optionalAttribute(Arguments arguments, int index) {
        Object path = arguments.get(index, "attribute", None.NONE);
        return path == None.NONE ? Function.identity() : attribute(path);
    }

    private static Object join(Arguments arguments) {
        List<Object> parts = items(arguments).stream().map(optionalAttribute(arguments, 2)).toList();
        return TextMethods.join(parts, Values.print(arguments.get(1, "d", Text.EMPTY)));
    }

    private static Object map(Arguments arguments) {
        List<Object> result = new ArrayList<>();
        if (arguments.named().containsKey("attribute")) {
            Function<Object, Object> attribute = attribute(arguments.require(1, "attribute"));
            for (Object item : itemsOfTrue(arguments)) {
                Object value = attribute.apply(item);
                result.add(value instanceof Undefined ? arguments.named().getOrDefault("default", value) : value);
            }
            return result;
        }
        String filter = arguments.text(1, "filter").value();
        Arguments others = new Arguments(arguments.positional().subList(2, arguments.positional().size()), arguments.named());
        itemsOfTrue(arguments).forEach(item -> result.add(Filters.apply(filter, others.after(item))));
        return result;
    }

    private static Object select(Arguments arguments, Function<Object, Object> attribute, int testIndex, boolean kept) {
        Predicate<Object> test = Values::isTrue;
        if (arguments.positional().size() > testIndex) {
            String name = arguments.text(testIndex, "test").value();
            Arguments others = new Arguments(arguments.positional().subList(testIndex + 1, arguments.positional().size()),
                    arguments.named());
            test = value -> Tests.apply(name, others.after(value));
        }
        List<Object> result = new ArrayList<>();
        for (Object item : itemsOfTrue(arguments)) {
            if (test.test(attribute.apply(item)) == kept) {
                result.add(item);
            }
        }
        return result;
    }

    /** Upper and lower case count as the same unless {@code case_sensitive} is true. */
    private static Function<Object, Object> caseless(Function<Object, Object> attribute, boolean caseSensitive) {
        return attribute.andThen(value -> value instanceof Text text && !caseSensitive ? TextMethods.lower(text) : value);
    }

    private static Object sort(Arguments arguments) {
        Function<Object, Object> key = caseless(optionalAttribute(arguments, 3), arguments.flag(2, "case_sensitive", false));
        Comparator<Object> order = (left, right) -> Values.compare(key.apply(left), key.apply(right));
        List<Object> sorted = new ArrayList<>(items(arguments));
        sorted.sort(arguments.flag(1, "reverse", false) ? order.reversed() : order);
        return sorted;
    }

    private static Object unique(Arguments arguments) {
        Function<Object, Object> key = caseless(optionalAttribute(arguments, 2), arguments.flag(1, "case_sensitive", false));
        Map<Object, Object> first = new LinkedHashMap<>();
        items(arguments).forEach(item -> first.putIfAbsent(key.apply(item), item));
        return new ArrayList<>(first.values());
    }

    private static Object sum(Arguments arguments) {
        Function<Object, Object> attribute = optionalAttribute(arguments, 1);
        Object total = arguments.get(2, "start", 0L);
        for (Object item : items(arguments)) {
            total = Operators.binary("+", total, attribute.apply(item));
        }
        return total;
    }

    private static Object extreme(Arguments arguments, int sign) {
        Function<Object, Object> key = caseless(optionalAttribute(arguments, 2), arguments.flag(1, "case_sensitive", false));
        return items(arguments).stream().min((left, right) -> sign * Values.compare(key.apply(left), key.apply(right)))
                .orElseGet(() -> new Undefined("the extreme of nothing"));
    }

    private static Object sortDict(Arguments arguments) {
        long part = arguments.get(2, "by", Text.of("key")).equals(Text.of("value")) ? 1 : 0;
        Function<Object, Object> key = caseless(entry -> Operators.item(entry, part), arguments.flag(1, "case_sensitive", false));
        Comparator<Object> order = (left, right) -> Values.compare(key.apply(left), key.apply(right));
        List<Object> entries = arguments.require(0, "value") instanceof Map<?, ?> map ? CollectionMethods.items(map) : new ArrayList<>();
        entries.sort(arguments.flag(3, "reverse", false) ? order.reversed() : order);
        return entries;
    }

    private static Object batch(Arguments arguments) {
        long size = Math.clamp(arguments.integer(1, "linecount", 1), 1, 1 << 20);
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : items(arguments)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        Object filling = arguments.get(2, "fill_with", None.NONE);
        while (filling != None.NONE && !batch.isEmpty() && batch.size() < size) {
            batch.add(filling);
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static Object group(Arguments arguments) {
        Object fallback = arguments.get(2, "default", None.NONE);
        Function<Object, Object> attribute = attribute(arguments.require(1, "attribute"))
                .andThen(value -> value instanceof Undefined && fallback != None.NONE ? fallback : value);
        Function<Object, Object> key = caseless(attribute, arguments.flag(3, "case_sensitive", false));
        Map<Object, List<Object>> groups = new LinkedHashMap<>();
        List<Object> sorted = new ArrayList<>(items(arguments));
        sorted.sort((left, right) -> Values.compare(key.apply(left), key.apply(right)));
        sorted.forEach(item -> groups.computeIfAbsent(key.apply(item), _ -> new ArrayList<>()).add(item));
        List<Object> result = new ArrayList<>();
        groups.values().forEach(members -> result.add(new Tuple(List.of(attribute.apply(members.getFirst()), members))));
        return result;
    }
}
