package dev.winnow.core.chat.jinja;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A template that was read once and can be rendered often. Immutable and thread-safe. */
public final class Template {

    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws JinjaException for a template that breaks the rules of the language or uses a part of it that does not exist here
     */
    public static Template parse(String source) {
        try {
            return new Template(Parser.parse(source));
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
    }

    /**
     * Renders the template.
     *
     * @param variables by name: values of {@link Values the kinds that templates know}, such as {@link Text}, Boolean, List and Map
     * @param clock     what {@code strftime_now} reads
     * @throws JinjaException if the template fails, refuses the variables, or does not come to an end
     */
    public Text render(Map<String, Object> variables, Supplier<ZonedDateTime> clock) {
        Frame frame = new Frame(new Frame.Budget(clock));
        Globals.define(frame);
        Frame inner = frame.inner();
        variables.forEach(inner::set);
        TextBuilder target = new TextBuilder();
        try {
            Statement.execute(statements, inner, target);
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
        return target.build();
    }

    /** Returns the value that templates see as Python's None. */
    public static Object none() {
        return None.NONE;
    }

    private static JinjaException tooDeep() {
        return JinjaException.of("the template is nested too deeply or calls itself without end");
    }
}
