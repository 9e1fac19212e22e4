package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a template that has a value. */
sealed interface Expression {

    Object evaluate(Frame frame);

    /** A literal. */
    record Constant(Object value) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return value;
        }
    }

    /** A variable. */
    record Name(String name) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return frame.get(name);
        }
    }

    /** {@code [a, b]}. */
    record ListLiteral(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return all(items, frame);
        }
    }

    /** {@code (a, b)}. */
    record TupleLiteral(List<Expression> items) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return new Tuple(all(items, frame));
        }
    }

    /** {@code {a: b}}. */
    record DictLiteral(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                map.put(keys.get(i).evaluate(frame), values.get(i).evaluate(frame));
            }
            return map;
        }
    }

    /** {@code a if b else c}. */
    record Conditional(Expression condition, Expression yes, @Nullable Expression no) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            if (Values.isTrue(condition.evaluate(frame))) {
                return yes.evaluate(frame);
            }
            return no == null ? new Undefined("the value of an if without else") : no.evaluate(frame);
        }
    }

    /** {@code a and b}. */
    record And(Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            Object value = left.evaluate(frame);
            return Values.isTrue(value) ? right.evaluate(frame) : value;
        }
    }

    /** {@code a or b}. */
    record Or(Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            Object value = left.evaluate(frame);
            return Values.isTrue(value) ? value : right.evaluate(frame);
        }
    }

    /** {@code not a}. */
    record Not(Expression operand) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return !Values.isTrue(operand.evaluate(frame));
        }
    }

    /** {@code a < b <= c}. */
    record Comparison(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            Object left = first.evaluate(frame);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).evaluate(frame);
                if (!Operators.compare(operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** An arithmetic operator. */
    record Binary(String operator, Expression left, Expression right) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            frame.budget().step();
            return Operators.binary(operator, left.evaluate(frame), right.evaluate(frame));
        }
    }

    /** {@code -a} or {@code +a}. */
    record Sign(boolean negative, Expression operand) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            Object value = operand.evaluate(frame);
            return negative ? Operators.negate(value) : Operators.negate(Operators.negate(value));
        }
    }

    /** {@code a ~ b}. */
    record Concatenation(List<Expression> parts) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            frame.budget().step();
            TextBuilder text = new TextBuilder();
            parts.forEach(part -> text.append(Values.print(part.evaluate(frame))));
            return text.build();
        }
    }

    /** {@code a.b}. */
    record Attribute(Expression value, String name) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return Attributes.get(value.evaluate(frame), name);
        }
    }

    /** {@code a[b]}. */
    record Item(Expression value, Expression key) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return Operators.item(value.evaluate(frame), key.evaluate(frame));
        }
    }

    /** {@code a[b:c:d]}. */
    record Slice(Expression value, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return Operators.slice(value.evaluate(frame), start.evaluate(frame), stop.evaluate(frame), step.evaluate(frame));
        }
    }

    /** The arguments of a call, as written. */
    record ArgumentList(List<Expression> positional, Map<String, Expression> named, @Nullable Expression rest,
            @Nullable Expression namedRest) {

        static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), null, null);

        Arguments evaluate(Frame frame) {
            List<Object> values = all(positional, frame);
            if (rest != null) {
                values.addAll(Values.items(rest.evaluate(frame)));
            }
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, value) -> byName.put(name, value.evaluate(frame)));
            if (namedRest != null && namedRest.evaluate(frame) instanceof Map<?, ?> map) {
                CollectionMethods.items(map).forEach(entry -> byName.put(Values.text(((Tuple) entry).items().getFirst()).value(),
                        ((Tuple) entry).items().getLast()));
            }
            return new Arguments(values, byName);
        }
    }

    /** {@code a(b)}. */
    record Call(Expression function, ArgumentList arguments) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return call(frame, arguments.evaluate(frame));
        }

        Object call(Frame frame, Arguments values) {
            frame.budget().step();
            return switch (function.evaluate(frame)) {
                case Callable callable -> callable.call(values);
                case Undefined undefined -> throw undefined.failure();
                case Object other -> throw JinjaException.of(Values.typeName(other) + " cannot be called");
            };
        }
    }

    /** {@code a | b}. */
    record Filter(Expression value, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            frame.budget().step();
            return Filters.apply(name, arguments.evaluate(frame).after(value.evaluate(frame)));
        }
    }

    /** {@code a is b}. */
    record Test(Expression value, String name, ArgumentList arguments) implements Expression {
        @Override
        public Object evaluate(Frame frame) {
            return Tests.apply(name, arguments.evaluate(frame).after(value.evaluate(frame)));
        }
    }

    private static List<Object> all(List<Expression> expressions, Frame frame) {
        List<Object> values = new ArrayList<>();
        expressions.forEach(expression -> values.add(expression.evaluate(frame)));
        return values;
    }
}
