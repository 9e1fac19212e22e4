package dev.winnow.core.chat.jinja;

import dev.winnow.core.chat.jinja.Expression.ArgumentList;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads expressions, with the precedence of Jinja's own parser. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Token.Type> OPERAND_BEGINNINGS = Set.of(Token.Type.NAME, Token.Type.STRING, Token.Type.INTEGER,
            Token.Type.FLOAT);

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Reads an expression, or a tuple without parentheses. */
    Expression tuple(boolean conditionals) {
        Expression first = conditionals ? expression() : or();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.acceptOperator(",") && !atTupleEnd()) {
            items.add(conditionals ? expression() : or());
        }
        return new Expression.TupleLiteral(List.copyOf(items));
    }

    private boolean atTupleEnd() {
        Token token = tokens.peek();
        return token.type() == Token.Type.PRINT_END || token.type() == Token.Type.BLOCK_END || token.isOperator(")") || token.isName("in")
                || token.isName("recursive");
    }

    Expression expression() {
        Expression value = or();
        while (tokens.acceptName("if")) {
            Expression condition = or();
            Expression no = tokens.acceptName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, no);
        }
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.acceptName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.acceptName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.acceptName("not")) {
            return comparison();
        }
        Expression operand = not();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            if (tokens.peek().type() == Token.Type.OPERATOR && COMPARISONS.contains(tokens.peek().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.acceptName("in")) {
                operators.add("in");
            } else if (tokens.peek().isName("not") && tokens.peekNext().isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Expression.Comparison(first, List.copyOf(operators), List.copyOf(others));
            }
            others.add(sum());
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = new Expression.Binary(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.peek().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.acceptOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(List.copyOf(parts));
    }

    private Expression product() {
        Expression left = power();
        while (tokens.peek().type() == Token.Type.OPERATOR && Set.of("*", "/", "//", "%").contains(tokens.peek().text())) {
            left = new Expression.Binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.acceptOperator("**")) {
            left = new Expression.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        Expression value;
        if (tokens.peek().isOperator("-") || tokens.peek().isOperator("+")) {
            boolean negative = tokens.next().text().equals("-");
            value = new Expression.Sign(negative, unary(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filters(value) : value;
    }

    private Expression primary() {
        Token token = tokens.peek();
        return switch (token.type()) {
            case NAME -> name(tokens.next().text());
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.peek().type() == Token.Type.STRING) {
                    text.append(tokens.next().text());
                }
                yield new Expression.Constant(Text.of(text.toString()));
            }
            case INTEGER -> new Expression.Constant(integer(tokens.next()));
            case FLOAT -> new Expression.Constant(Double.parseDouble(tokens.next().text()));
            default -> bracketed(token);
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Constant(true);
            case "false", "False" -> new Expression.Constant(false);
            case "none", "None" -> new Expression.Constant(None.NONE);
            default -> new Expression.Name(name);
        };
    }

    private static Long integer(Token token) {
        try {
            return Long.parseLong(token.text());
        } catch (NumberFormatException e) {
            throw JinjaException.at(token.line(), "the integer " + token.text() + " is too large");
        }
    }

    private Expression bracketed(Token token) {
        if (tokens.acceptOperator("(")) {
            if (tokens.acceptOperator(")")) {
                return new Expression.TupleLiteral(List.of());
            }
            Expression value = tuple(true);
            tokens.expectOperator(")");
            return value;
        }
        if (tokens.acceptOperator("[")) {
            List<Expression> items = new ArrayList<>();
            while (!tokens.acceptOperator("]")) {
                items.add(expression());
                if (!tokens.peek().isOperator("]")) {
                    tokens.expectOperator(",");
                }
            }
            return new Expression.ListLiteral(List.copyOf(items));
        }
        if (tokens.acceptOperator("{")) {
            return dict();
        }
        throw JinjaException.at(token.line(), "an expression is expected, not " + token);
    }

    private Expression dict() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.acceptOperator("}")) {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.DictLiteral(List.copyOf(keys), List.copyOf(values));
    }

    private Expression postfix(Expression operand) {
        Expression value = operand;
        while (true) {
            if (tokens.acceptOperator(".")) {
                Token name = tokens.next();
                if (name.type() != Token.Type.NAME && name.type() != Token.Type.INTEGER) {
                    throw JinjaException.at(name.line(), "a name is expected, not " + name);
                }
                value = name.type() == Token.Type.NAME
                        ? new Expression.Attribute(value, name.text())
                        : new Expression.Item(value, new Expression.Constant(integer(name)));
            } else if (tokens.acceptOperator("[")) {
                value = subscript(value);
                tokens.expectOperator("]");
            } else if (tokens.peek().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression value) {
        Expression missing = new Expression.Constant(None.NONE);
        Expression start = tokens.peek().isOperator(":") ? missing : tuple(true);
        if (!tokens.acceptOperator(":")) {
            return new Expression.Item(value, start);
        }
        Expression stop = tokens.peek().isOperator(":") || tokens.peek().isOperator("]") ? missing : expression();
        Expression step = tokens.acceptOperator(":") && !tokens.peek().isOperator("]") ? expression() : missing;
        return new Expression.Slice(value, start, stop, step);
    }

    private Expression filters(Expression operand) {
        Expression value = operand;
        while (true) {
            if (tokens.acceptOperator("|")) {
                value = filter(value);
            } else if (tokens.acceptName("is")) {
                value = test(value);
            } else if (tokens.peek().isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    /** Reads a filter whose bar has been read. */
    Expression.Filter filter(Expression value) {
        Token name = tokens.expect(Token.Type.NAME, "the name of a filter");
        return new Expression.Filter(value, name.text(), tokens.peek().isOperator("(") ? arguments() : ArgumentList.NONE);
    }

    private Expression test(Expression value) {
        boolean negated = tokens.acceptName("not");
        Token name = tokens.expect(Token.Type.NAME, "the name of a test");
        ArgumentList arguments = ArgumentList.NONE;
        Token next = tokens.peek();
        if (next.isOperator("(")) {
            arguments = arguments();
        } else if ((OPERAND_BEGINNINGS.contains(next.type()) || next.isOperator("[") || next.isOperator("{"))
                && !(next.type() == Token.Type.NAME && Set.of("else", "or", "and", "if", "is").contains(next.text()))) {
            arguments = new ArgumentList(List.of(postfix(primary())), Map.of(), null, null);
        }
        Expression test = new Expression.Test(value, name.text(), arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        @Nullable
        Expression rest = null;
        @Nullable
        Expression namedRest = null;
        while (!tokens.acceptOperator(")")) {
            if (tokens.acceptOperator("*")) {
                rest = expression();
            } else if (tokens.acceptOperator("**")) {
                namedRest = expression();
            } else if (tokens.peek().type() == Token.Type.NAME && tokens.peekNext().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new ArgumentList(List.copyOf(positional), named, rest, namedRest);
    }
}
