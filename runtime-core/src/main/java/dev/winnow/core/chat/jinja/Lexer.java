package dev.winnow.core.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Cuts a template into tokens, with the white space rules of {@code trim_blocks} and {@code lstrip_blocks}. */
final class Lexer {

    private static final List<String> OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(",
            ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"); // longer ones first

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean lineStarting = true;

    private Lexer(String source) {
        String normalized = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = normalized.endsWith("\n") ? normalized.substring(0, normalized.length() - 1) : normalized;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.template();
        return lexer.tokens;
    }

    private void template() {
        while (at < source.length()) {
            int begin = directive();
            if (begin < 0) {
                data(source.length(), ' ', false);
                break;
            }
            char kind = source.charAt(begin + 1);
            int afterSign = begin + 2;
            char sign = afterSign < source.length() ? source.charAt(afterSign) : ' ';
            data(begin, sign, kind != '{');
            at = sign == '-' || sign == '+' ? afterSign + 1 : afterSign;
            switch (kind) {
                case '#' -> comment();
                case '{' -> tag(Token.Type.PRINT_BEGIN, Token.Type.PRINT_END, "}}");
                default -> {
                    if (!raw()) {
                        tag(Token.Type.BLOCK_BEGIN, Token.Type.BLOCK_END, "%}");
                    }
                }
            }
        }
        tokens.add(new Token(Token.Type.END, "", line));
    }

    /** Returns where the next tag or comment begins, −1 for nowhere. */
    private int directive() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** Emits the text up to a tag; {@code strips} is false for tags that print. */
    private void data(int end, char sign, boolean strips) {
        String text = source.substring(at, end);
        int keep = text.length();
        if (sign == '-') {
            while (keep > 0 && Text.isSpace(text.charAt(keep - 1))) {
                keep--;
            }
        } else if (strips && sign != '+') {
            int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarting) && text.chars().skip(lineStart).allMatch(c -> Text.isSpace((char) c))) {
                keep = lineStart;
            }
        }
        if (keep > 0) {
            tokens.add(new Token(Token.Type.DATA, text.substring(0, keep), line));
        }
        advance(end);
    }

    private void advance(int end) {
        for (int i = at; i < end; i++) {
            line += source.charAt(i) == '\n' ? 1 : 0;
        }
        at = end;
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw JinjaException.at(line, "the comment does not end");
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        advance(end + 2);
        afterTag(sign, true);
    }

    /** Skips white space behind the end of a tag. */
    private void afterTag(char sign, boolean trims) {
        int end = at;
        if (sign == '-') {
            while (end < source.length() && Text.isSpace(source.charAt(end))) {
                end++;
            }
        } else if (trims && sign != '+' && end < source.length() && source.charAt(end) == '\n') {
            end++;
        }
        lineStarting = end > at && source.charAt(end - 1) == '\n';
        advance(end);
    }

    /** Reads {@code raw … endraw} if that is what follows. */
    private boolean raw() {
        int name = skipSpace(at);
        int nameEnd = skipSpace(name + 3);
        boolean dash = source.startsWith("-%}", nameEnd);
        if (!source.startsWith("raw", name) || !(dash || source.startsWith("%}", nameEnd))) {
            return false;
        }
        advance(nameEnd + (dash ? 3 : 2));
        afterTag(dash ? '-' : '+', false);
        for (int begin = source.indexOf("{%", at); begin >= 0; begin = source.indexOf("{%", begin + 1)) {
            char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
            int end = skipSpace(sign == '-' || sign == '+' ? begin + 3 : begin + 2);
            int close = skipSpace(end + 6);
            char closeSign = close < source.length() ? source.charAt(close) : ' ';
            int tail = closeSign == '-' || closeSign == '+' ? close + 1 : close;
            if (source.startsWith("endraw", end) && source.startsWith("%}", tail)) {
                data(begin, sign, true);
                advance(tail + 2);
                afterTag(closeSign, true);
                return true;
            }
        }
        throw JinjaException.at(line, "the raw block does not end");
    }

    private int skipSpace(int from) {
        int end = from;
        while (end < source.length() && Text.isSpace(source.charAt(end))) {
            end++;
        }
        return end;
    }

    private void tag(Token.Type begin, Token.Type end, String close) {
        tokens.add(new Token(begin, "", line));
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            advance(skipSpace(at));
            if (at >= source.length()) {
                throw JinjaException.at(line, "the tag does not end: " + close + " is missing");
            }
            char sign = source.charAt(at);
            boolean signed = sign == '-' || (sign == '+' && end == Token.Type.BLOCK_END);
            if (open.isEmpty() && source.startsWith(close, signed ? at + 1 : at)) {
                tokens.add(new Token(end, "", line));
                advance(at + (signed ? 3 : 2));
                afterTag(signed ? sign : ' ', end == Token.Type.BLOCK_END);
                return;
            }
            expressionToken(open);
        }
    }

    private void expressionToken(Deque<Character> open) {
        char c = source.charAt(at);
        if (c == '"' || c == '\'') {
            string(c);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (Character.isLetter(c) || c == '_') {
            int end = at + 1;
            while (end < source.length() && (Character.isLetterOrDigit(source.charAt(end)) || source.charAt(end) == '_')) {
                end++;
            }
            add(Token.Type.NAME, end);
        } else {
            String operator = OPERATORS.stream().filter(candidate -> source.startsWith(candidate, at)).findFirst()
                    .orElseThrow(() -> JinjaException.at(line, "the character '" + c + "' is not expected"));
            balance(operator.charAt(0), open);
            add(Token.Type.OPERATOR, at + operator.length());
        }
    }

    private void balance(char c, Deque<Character> open) {
        int opening = "([{".indexOf(c);
        if (opening >= 0) {
            open.push(")]}".charAt(opening));
        } else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
            throw JinjaException.at(line, "the bracket '" + c + "' closes nothing");
        }
    }

    private void add(Token.Type type, int end) {
        tokens.add(new Token(type, source.substring(at, end), line));
        advance(end);
    }

    private void number() {
        int end = digits(at);
        boolean real = false;
        if (end + 1 < source.length() && source.charAt(end) == '.' && Character.isDigit(source.charAt(end + 1))) {
            end = digits(end + 1);
            real = true;
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            int exponent = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0 ? end + 2 : end + 1;
            if (exponent < source.length() && Character.isDigit(source.charAt(exponent))) {
                end = digits(exponent);
                real = true;
            }
        }
        tokens.add(new Token(real ? Token.Type.FLOAT : Token.Type.INTEGER, source.substring(at, end).replace("_", ""), line));
        advance(end);
    }

    private int digits(int from) {
        int end = from;
        while (end < source.length() && ((source.charAt(end) >= '0' && source.charAt(end) <= '9') || source.charAt(end) == '_')) {
            end++;
        }
        return end;
    }

    private void string(char quote) {
        StringBuilder value = new StringBuilder();
        int i = at + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            if (source.charAt(i) == '\\' && i + 1 < source.length()) {
                i = escape(i + 1, value);
            } else {
                value.append(source.charAt(i++));
            }
        }
        if (i >= source.length()) {
            throw JinjaException.at(line, "the string does not end");
        }
        tokens.add(new Token(Token.Type.STRING, value.toString(), line));
        advance(i + 1);
    }

    /** Appends what the escape stands for whose character behind the backslash is at an index; returns the index behind it. */
    private int escape(int index, StringBuilder value) {
        char c = source.charAt(index);
        int simple = "ntrabfv\\'\"".indexOf(c);
        if (c == '\n') {
            return index + 1;
        }
        if (simple >= 0) {
            value.append("\n\t\r\007\b\f\013\\'\"".charAt(simple));
            return index + 1;
        }
        int hexadecimal = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (hexadecimal > 0) {
            return number(index + 1, index + 1 + hexadecimal, 16, value);
        }
        int end = index;
        while (end < source.length() && end < index + 3 && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
            end++;
        }
        if (end > index) {
            return number(index, end, 8, value);
        }
        value.append('\\').append(c);
        return index + 1;
    }

    private int number(int start, int end, int radix, StringBuilder value) {
        try {
            value.appendCodePoint(Integer.parseInt(source, start, end, radix));
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw JinjaException.at(line, "the escape in the string stands for no character");
        }
        return end;
    }
}
