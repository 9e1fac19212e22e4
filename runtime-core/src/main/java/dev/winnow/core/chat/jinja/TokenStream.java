package dev.winnow.core.chat.jinja;

import java.util.List;

/** The tokens that a parser has not read yet. */
final class TokenStream {

    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekNext() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        return tokens.get(at < tokens.size() - 1 ? at++ : at);
    }

    boolean acceptName(String name) {
        return accept(peek().isName(name));
    }

    boolean acceptOperator(String operator) {
        return accept(peek().isOperator(operator));
    }

    private boolean accept(boolean matches) {
        if (matches) {
            next();
        }
        return matches;
    }

    Token expect(Token.Type type, String what) {
        if (peek().type() != type) {
            throw unexpected(what);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!acceptOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!acceptName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    JinjaException unexpected(String expected) {
        return JinjaException.at(peek().line(), expected + " is expected, not " + peek());
    }
}
