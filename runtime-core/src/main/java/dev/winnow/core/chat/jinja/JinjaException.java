package dev.winnow.core.chat.jinja;

/** A template that cannot be read or rendered. */
public final class JinjaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int line; // 0 for not known yet
    private final boolean raised;

    private JinjaException(String message, int line, boolean raised) {
        super(message);
        this.line = line;
        this.raised = raised;
    }

    /** Returns an error whose line the statement around it adds. */
    static JinjaException of(String message) {
        return new JinjaException(message, 0, false);
    }

    static JinjaException at(int line, String message) {
        return new JinjaException(message, line, false);
    }

    /** Returns what {@code raise_exception} throws. */
    static JinjaException raised(String message) {
        return new JinjaException(message, 0, true);
    }

    /** Returns this error with a line, unless it has one. */
    JinjaException in(int statementLine) {
        return line > 0 ? this : new JinjaException(String.valueOf(getMessage()), statementLine, raised);
    }

    /** Returns the line of the template, from 1; 0 if it is not known. */
    public int line() {
        return line;
    }

    /** Returns whether the template itself refused its input with {@code raise_exception}. */
    public boolean isRaised() {
        return raised;
    }
}
