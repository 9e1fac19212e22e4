package dev.winnow.core.chat.jinja;

/** Python's {@code format.format(values)}, without format specifications. */
final class BraceFormat {

    private BraceFormat() {}

    static Text format(Text format, Arguments arguments) {
        TextBuilder result = new TextBuilder();
        String text = format.value();
        int next = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean doubled = at + 1 < text.length() && text.charAt(at + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                result.append(format.substring(at, ++at));
            } else if (c == '{' && text.indexOf('}', at) > 0) {
                int close = text.indexOf('}', at);
                String field = text.substring(at + 1, close);
                result.append(Values.print(field(field.isEmpty() ? Integer.toString(next++) : field, arguments)));
                at = close;
            } else if (c == '{' || c == '}') {
                throw JinjaException.of("a brace of the format stands alone");
            } else {
                result.append(format.substring(at, at + 1));
            }
        }
        return result.build();
    }

    private static Object field(String field, Arguments arguments) {
        if (!field.chars().allMatch(Character::isJavaIdentifierPart)) {
            throw JinjaException.of("the field {" + field + "} of the format is not supported");
        }
        boolean number = field.length() < 9 && field.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? arguments.require(Integer.parseInt(field), field) : arguments.require(Integer.MAX_VALUE, field);
    }
}
