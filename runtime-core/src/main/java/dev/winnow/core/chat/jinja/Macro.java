package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A macro: a part of a template that is called as a function. Defaults of arguments are evaluated at the call.
 *
 * @param name       name
 * @param parameters in order
 * @param body       what it renders
 * @param frame      the variables around its definition
 */
record Macro(String name, List<Parameter> parameters, List<Statement> body, Frame frame) implements Callable {

    /** A parameter; without a default it is undefined if the call does not give it. */
    record Parameter(String name, List<Expression> fallback) {}

    @Override
    public Object call(Arguments arguments) {
        Frame inner = frame.inner();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        Object caller = named.remove("caller");
        inner.set("caller", caller == null ? new Undefined("'caller'") : caller);
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Object given = named.remove(parameter.name);
            if (i < arguments.positional().size()) {
                inner.set(parameter.name, arguments.positional().get(i));
            } else if (given != null) {
                inner.set(parameter.name, given);
            } else if (parameter.fallback.isEmpty()) {
                inner.set(parameter.name, new Undefined("the parameter '" + parameter.name + "'"));
            } else {
                inner.set(parameter.name, parameter.fallback.getFirst().evaluate(inner));
            }
        }
        int most = Math.min(parameters.size(), arguments.positional().size());
        inner.set("varargs", new Tuple(new ArrayList<>(arguments.positional().subList(most, arguments.positional().size()))));
        Map<Object, Object> others = new LinkedHashMap<>();
        named.forEach((key, value) -> others.put(Text.of(key), value));
        inner.set("kwargs", others);
        TextBuilder target = new TextBuilder();
        Statement.execute(body, inner, target);
        return target.build();
    }
}
