package dev.winnow.core.chat.jinja;

/**
 * A token of a template.
 *
 * @param type kind
 * @param text the characters of data, names and operators; the value of strings; the digits of numbers
 * @param line line in the template, from 1
 */
record Token(Type type, String text, int line) {

    /** Kinds of tokens. */
    enum Type {
        DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR, END
    }

    boolean is(Type kind, String value) {
        return type == kind && text.equals(value);
    }

    boolean isName(String value) {
        return is(Type.NAME, value);
    }

    boolean isOperator(String value) {
        return is(Type.OPERATOR, value);
    }

    @Override
    public String toString() {
        return type == Type.END
                ? "the end of the template"
                : type == Type.BLOCK_END ? "%}" : type == Type.PRINT_END ? "}}" : "'" + text + "'";
    }
}
