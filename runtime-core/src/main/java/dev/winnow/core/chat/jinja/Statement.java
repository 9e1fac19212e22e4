package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of a template that writes text or sets variables. */
sealed interface Statement {

    /** How to go on after a statement. */
    enum Next {
        STATEMENT, ITERATION, AFTER_LOOP
    }

    /** Returns the line in the template, from 1. */
    int line();

    Next execute(Frame frame, TextBuilder target);

    /** Executes statements until one of them leaves the iteration or the loop around it. */
    static Next execute(List<Statement> statements, Frame frame, TextBuilder target) {
        for (Statement statement : statements) {
            frame.budget().step();
            Next next;
            try {
                next = statement.execute(frame, target);
            } catch (JinjaException e) {
                throw e.in(statement.line());
            }
            if (next != Next.STATEMENT) {
                return next;
            }
        }
        return Next.STATEMENT;
    }

    private static Text render(List<Statement> statements, Frame frame) {
        TextBuilder target = new TextBuilder();
        execute(statements, frame, target);
        return target.build();
    }

    /** Text outside of tags. */
    record Data(int line, Text text) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            target.append(text);
            return Next.STATEMENT;
        }
    }

    /** {@code {{ value }}}. */
    record Print(int line, Expression value) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            target.append(Values.print(value.evaluate(frame)));
            return Next.STATEMENT;
        }
    }

    /** {@code if … elif … else … endif}. */
    record If(int line, List<Expression> conditions, List<List<Statement>> bodies, List<Statement> otherwise) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            for (int i = 0; i < conditions.size(); i++) {
                if (Values.isTrue(conditions.get(i).evaluate(frame))) {
                    return Statement.execute(bodies.get(i), frame, target);
                }
            }
            return Statement.execute(otherwise, frame, target);
        }
    }

    /** {@code for … in … if … else … endfor}. */
    record For(int line, Target item, Expression items, List<Expression> condition, boolean recursive, List<Statement> body,
            List<Statement> otherwise) implements Statement {

        @Override
        public Next execute(Frame frame, TextBuilder target) {
            return loop(items.evaluate(frame), frame, target, 0);
        }

        private Next loop(Object values, Frame frame, TextBuilder target, int depth) {
            List<Object> visited = new ArrayList<>();
            for (Object value : Values.items(values)) {
                frame.budget().step();
                if (condition.isEmpty() || Values.isTrue(condition.getFirst().evaluate(bind(value, frame)))) {
                    visited.add(value);
                }
            }
            LoopContext loop = new LoopContext(visited, depth, recursive ? arguments -> {
                TextBuilder inner = new TextBuilder();
                loop(arguments.require(0, "iterable"), frame, inner, depth + 1);
                return inner.build();
            } : null);
            while (loop.hasNext()) {
                Frame inner = bind(loop.advance(), frame);
                inner.set("loop", loop);
                if (Statement.execute(body, inner, target) == Next.AFTER_LOOP) {
                    break;
                }
            }
            return visited.isEmpty() ? Statement.execute(otherwise, frame.inner(), target) : Next.STATEMENT;
        }

        private Frame bind(Object value, Frame frame) {
            Frame inner = frame.inner();
            item.assign(value, inner);
            return inner;
        }
    }

    /** {@code break} or {@code continue}. */
    record Jump(int line, Next next) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            return next;
        }
    }

    /** {@code set a = b}. */
    record Set(int line, Target variable, Expression value) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            variable.assign(value.evaluate(frame), frame);
            return Next.STATEMENT;
        }
    }

    /** {@code set a | filters … endset}. */
    record SetBlock(int line, Target variable, List<Expression.Filter> filters, List<Statement> body) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            variable.assign(filtered(filters, render(body, frame.inner()), frame), frame);
            return Next.STATEMENT;
        }
    }

    /** {@code filter … endfilter}. */
    record FilterBlock(int line, List<Expression.Filter> filters, List<Statement> body) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            target.append(Values.print(filtered(filters, render(body, frame.inner()), frame)));
            return Next.STATEMENT;
        }
    }

    private static Object filtered(List<Expression.Filter> filters, Object value, Frame frame) {
        Object result = value;
        for (Expression.Filter filter : filters) {
            result = Filters.apply(filter.name(), filter.arguments().evaluate(frame).after(result));
        }
        return result;
    }

    /** {@code macro … endmacro}. */
    record MacroDefinition(int line, String name, List<Macro.Parameter> parameters, List<Statement> body) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            frame.set(name, new Macro(name, parameters, body, frame));
            return Next.STATEMENT;
        }
    }

    /** {@code call macro() … endcall}. */
    record CallBlock(int line, List<Macro.Parameter> parameters, Expression.Call call, List<Statement> body) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            Arguments arguments = call.arguments().evaluate(frame);
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            named.put("caller", new Macro("caller", parameters, body, frame));
            target.append(Values.print(call.call(frame, new Arguments(arguments.positional(), named))));
            return Next.STATEMENT;
        }
    }

    /** Variables of their own for a part: {@code with … endwith}, and blocks without any such as {@code generation … endgeneration}. */
    record With(int line, List<Target> variables, List<Expression> values, List<Statement> body) implements Statement {
        @Override
        public Next execute(Frame frame, TextBuilder target) {
            Frame inner = frame.inner();
            for (int i = 0; i < variables.size(); i++) {
                variables.get(i).assign(values.get(i).evaluate(frame), inner);
            }
            return Statement.execute(body, inner, target);
        }
    }
}
