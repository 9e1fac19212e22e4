package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {

    private static final long LONGEST_RANGE = 100_000; // as in Jinja's sandbox

    private Globals() {}

    static void define(Frame frame) {
        function(frame, "range", Globals::range);
        function(frame, "namespace", Globals::namespace);
        function(frame, "dict", Globals::dict);
        function(frame, "raise_exception", arguments -> {
            throw JinjaException.raised(Values.print(arguments.require(0, "message")).value());
        });
        function(frame, "strftime_now", arguments -> {
            Text format = arguments.text(0, "format");
            return format.derived(TimeFormat.format(format.value(), frame.budget().now()));
        });
    }

    private static void function(Frame frame, String name, Callable function) {
        frame.set(name, function);
    }

    private static Object range(Arguments arguments) {
        arguments.allow(3);
        boolean single = arguments.positional().size() == 1;
        long start = single ? 0 : arguments.integer(0, "start", 0);
        long stop = single ? arguments.integer(0, "stop", 0) : arguments.integer(1, "stop", 0);
        long step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw JinjaException.of("the step of the range is zero");
        }
        List<Object> values = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            if (values.size() == LONGEST_RANGE) {
                throw JinjaException.of("the range has more than " + LONGEST_RANGE + " elements");
            }
            values.add(i);
        }
        return values;
    }

    private static Object namespace(Arguments arguments) {
        Namespace namespace = new Namespace();
        if (arguments.has(0, "") && arguments.positional().getFirst() instanceof Map<?, ?> map) {
            map.forEach((name, value) -> namespace.set(Values.text(name).value(), value));
        }
        arguments.named().forEach(namespace::set);
        return namespace;
    }

    private static Object dict(Arguments arguments) {
        Map<Object, Object> result = new LinkedHashMap<>();
        if (arguments.has(0, "")) {
            Object first = arguments.positional().getFirst();
            for (Object entry : first instanceof Map<?, ?> map ? CollectionMethods.items(map) : Values.items(first)) {
                result.put(Operators.item(entry, 0L), Operators.item(entry, 1L));
            }
        }
        arguments.named().forEach((name, value) -> result.put(Text.of(name), value));
        return result;
    }
}
