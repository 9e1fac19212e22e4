package dev.winnow.core.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Reads the statements of a template. */
final class Parser {

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private String last = ""; // the name of the tag that ended the last statements

    private Parser(String source) {
        this.tokens = new TokenStream(Lexer.tokens(source));
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        Parser parser = new Parser(source);
        return parser.statements(List.of());
    }

    /** Reads up to a tag with one of the given names, whose opening and name are read too; an empty list stands for the end of the template. */
    private List<Statement> statements(List<String> ends) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> statements.add(new Statement.Data(token.line(), Text.of(token.text())));
                case PRINT_BEGIN -> {
                    statements.add(new Statement.Print(token.line(), expressions.tuple(true)));
                    tokens.expect(Token.Type.PRINT_END, "}}");
                }
                case BLOCK_BEGIN -> {
                    Token name = tokens.expect(Token.Type.NAME, "the name of a tag");
                    if (ends.contains(name.text())) {
                        last = name.text();
                        return List.copyOf(statements);
                    }
                    statements.add(statement(name));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw JinjaException.at(token.line(), "the tag '" + ends.getLast() + "' is missing");
                    }
                    return List.copyOf(statements);
                }
            }
        }
    }

    private List<Statement> body(String... ends) {
        tokens.acceptOperator(":");
        blockEnd();
        return statements(List.of(ends));
    }

    private void blockEnd() {
        tokens.expect(Token.Type.BLOCK_END, "%}");
    }

    private Statement statement(Token name) {
        int line = name.line();
        Statement statement = switch (name.text()) {
            case "if" -> conditional(line);
            case "for" -> loop(line);
            case "set" -> set(line);
            case "macro" -> macro(line);
            case "call" -> call(line);
            case "filter" -> filterBlock(line);
            case "with" -> with(line);
            case "generation" -> new Statement.With(line, List.of(), List.of(), body("endgeneration"));
            case "break" -> new Statement.Jump(line, Statement.Next.AFTER_LOOP);
            case "continue" -> new Statement.Jump(line, Statement.Next.ITERATION);
            case "print" -> new Statement.Print(line, expressions.tuple(true));
            default -> throw JinjaException.at(line, "the tag '" + name.text() + "' is not supported");
        };
        blockEnd();
        return statement;
    }

    private Statement conditional(int line) {
        List<Expression> conditions = new ArrayList<>();
        List<List<Statement>> bodies = new ArrayList<>();
        do {
            conditions.add(expressions.tuple(false));
            bodies.add(body("elif", "else", "endif"));
        } while (last.equals("elif"));
        List<Statement> otherwise = last.equals("else") ? body("endif") : List.of();
        return new Statement.If(line, List.copyOf(conditions), List.copyOf(bodies), otherwise);
    }

    private Statement loop(int line) {
        Target item = target();
        tokens.expectName("in");
        Expression items = expressions.tuple(false);
        List<Expression> condition = tokens.acceptName("if") ? List.of(expressions.expression()) : List.of();
        boolean recursive = tokens.acceptName("recursive");
        List<Statement> body = body("else", "endfor");
        List<Statement> otherwise = last.equals("else") ? body("endfor") : List.of();
        return new Statement.For(line, item, items, condition, recursive, body, otherwise);
    }

    private Target target() {
        List<Target> targets = new ArrayList<>();
        do {
            if (tokens.acceptOperator("(")) {
                targets.add(target());
                tokens.expectOperator(")");
            } else {
                String name = tokens.expect(Token.Type.NAME, "a name").text();
                targets.add(tokens.acceptOperator(".")
                        ? new Target.NamespaceAttribute(name, tokens.expect(Token.Type.NAME, "a name").text())
                        : new Target.Variable(name));
            }
        } while (tokens.acceptOperator(","));
        return targets.size() == 1 ? targets.getFirst() : new Target.Unpacking(List.copyOf(targets));
    }

    private Statement set(int line) {
        Target variable = target();
        if (tokens.acceptOperator("=")) {
            return new Statement.Set(line, variable, expressions.tuple(true));
        }
        List<Expression.Filter> filters = filters();
        return new Statement.SetBlock(line, variable, filters, body("endset"));
    }

    private List<Expression.Filter> filters() {
        List<Expression.Filter> filters = new ArrayList<>();
        while (tokens.acceptOperator("|")) {
            filters.add(expressions.filter(new Expression.Constant(None.NONE)));
        }
        return List.copyOf(filters);
    }

    private Statement filterBlock(int line) {
        List<Expression.Filter> filters = new ArrayList<>(List.of(expressions.filter(new Expression.Constant(None.NONE))));
        filters.addAll(filters());
        return new Statement.FilterBlock(line, List.copyOf(filters), body("endfilter"));
    }

    private Statement macro(int line) {
        String name = tokens.expect(Token.Type.NAME, "the name of the macro").text();
        List<Macro.Parameter> parameters = parameters();
        return new Statement.MacroDefinition(line, name, parameters, body("endmacro"));
    }

    private List<Macro.Parameter> parameters() {
        List<Macro.Parameter> parameters = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.acceptOperator(")")) {
            String name = tokens.expect(Token.Type.NAME, "a parameter").text();
            List<Expression> fallback = tokens.acceptOperator("=") ? List.of(expressions.expression()) : List.of();
            parameters.add(new Macro.Parameter(name, fallback));
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return List.copyOf(parameters);
    }

    private Statement call(int line) {
        List<Macro.Parameter> parameters = tokens.peek().isOperator("(") ? parameters() : List.of();
        if (expressions.expression() instanceof Expression.Call call) {
            return new Statement.CallBlock(line, parameters, call, body("endcall"));
        }
        throw JinjaException.at(line, "a call is expected");
    }

    private Statement with(int line) {
        List<Target> variables = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.peek().type() != Token.Type.BLOCK_END) {
            variables.add(new Target.Variable(tokens.expect(Token.Type.NAME, "a name").text()));
            tokens.expectOperator("=");
            values.add(expressions.expression());
            if (tokens.peek().type() != Token.Type.BLOCK_END) {
                tokens.expectOperator(",");
            }
        }
        return new Statement.With(line, List.copyOf(variables), List.copyOf(values), body("endwith"));
    }
}
