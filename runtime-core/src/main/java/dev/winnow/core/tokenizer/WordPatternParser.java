package dev.winnow.core.tokenizer;

import dev.winnow.core.tokenizer.WordPattern.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads the regular expressions of {@link PreTokenizers}: alternatives, groups {@code (?:…)}, {@code (?!\S)}, {@code $}, the quantifiers {@code ? * + {n} {n,m}}, classes
 * with ranges, {@code \s \S \d \p{…}} and {@code \x{…}}, and {@code [a--b]} for the characters of a without those of b. As in llama.cpp, the categories of
 * upper, lower and other letters all mean any letter.
 */
final class WordPatternParser {

    private static final Map<String, Byte> CATEGORIES = Map.ofEntries(Map.entry("L", CharacterKind.LETTER),
            Map.entry("Lu", CharacterKind.LETTER), Map.entry("Ll", CharacterKind.LETTER), Map.entry("Lt", CharacterKind.LETTER),
            Map.entry("Lm", CharacterKind.LETTER), Map.entry("Lo", CharacterKind.LETTER), Map.entry("N", CharacterKind.NUMBER),
            Map.entry("P", CharacterKind.PUNCTUATION), Map.entry("M", CharacterKind.MARK), Map.entry("S", CharacterKind.SYMBOL));

    /** Blocks of Chinese characters, as llama.cpp lists them for Kimi (src/unicode.cpp). */
    private static final int[] HAN = {0x4E00, 0x9FFF, 0x3400, 0x4DBF, 0x20000, 0x2A6DF, 0x2A700, 0x2B73F, 0x2B740, 0x2B81F, 0x2B820,
            0x2CEAF, 0x2CEB0, 0x2EBEF, 0xF900, 0xFAFF, 0x2F800, 0x2FA1F};

    private final int[] pattern;
    private int at;

    private WordPatternParser(String pattern) {
        this.pattern = pattern.codePoints().toArray();
    }

    static WordPattern parse(String pattern) {
        WordPatternParser parser = new WordPatternParser(pattern);
        List<List<Step>> alternatives = parser.alternatives();
        if (parser.at < parser.pattern.length) {
            throw new IllegalArgumentException("unmatched ) in " + pattern);
        }
        return new WordPattern(alternatives);
    }

    /** Returns a class for the inside of brackets. */
    static CharacterClass characterClass(String inside) {
        return new WordPatternParser(inside + "]").characters();
    }

    private List<List<Step>> alternatives() {
        List<List<Step>> alternatives = new ArrayList<>();
        do {
            List<Step> steps = new ArrayList<>();
            while (at < pattern.length && pattern[at] != '|' && pattern[at] != ')') {
                steps.add(step());
            }
            alternatives.add(List.copyOf(steps));
        } while (accept("|"));
        return List.copyOf(alternatives);
    }

    private Step step() {
        if (accept("(?!\\S)")) {
            return new Step.NotBefore(new CharacterClass.Builder().add(CharacterKind.SPACE).build(true, null));
        }
        if (accept("$")) {
            return new Step.AtEnd();
        }
        if (accept("(?:")) {
            List<List<Step>> group = alternatives();
            expect(")");
            int[] times = times();
            return new Step.Group(group, times[0], times[1]);
        }
        CharacterClass characters;
        if (accept("[")) {
            characters = characters();
        } else {
            CharacterClass.Builder single = new CharacterClass.Builder();
            characters = single.build(item(single), null);
        }
        int[] times = times();
        return new Step.Characters(characters, times[0], times[1]);
    }

    private CharacterClass characters() {
        boolean negated = accept("^");
        CharacterClass.Builder builder = new CharacterClass.Builder();
        while (!accept("]")) {
            if (accept("--")) {
                return builder.build(negated, characters());
            }
            item(builder);
        }
        return builder.build(negated, null);
    }

    /** Reads a character, range or named class; returns whether what was read is to be negated, which only {@code \S} outside of brackets is. */
    private boolean item(CharacterClass.Builder builder) {
        if (accept("\\s")) {
            builder.add(CharacterKind.SPACE);
        } else if (accept("\\S")) {
            builder.add(CharacterKind.SPACE);
            return true;
        } else if (accept("\\d")) {
            builder.add('0', '9');
        } else if (accept("\\p{Han}")) {
            for (int i = 0; i < HAN.length; i += 2) {
                builder.add(HAN[i], HAN[i + 1]);
            }
        } else if (accept("\\p{")) {
            builder.add(Objects.requireNonNull(CATEGORIES.get(until('}')), "category"));
        } else {
            int first = character();
            boolean range = at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != '-' && pattern[at + 1] != ']';
            at += range ? 1 : 0;
            builder.add(first, range ? character() : first);
        }
        return false;
    }

    private int character() {
        if (accept("\\x{")) {
            return Integer.parseInt(until('}'), 16);
        }
        if (accept("\\n")) {
            return '\n';
        }
        if (accept("\\r")) {
            return '\r';
        }
        if (accept("\\t")) {
            return '\t';
        }
        accept("\\");
        return pattern[at++];
    }

    private int[] times() {
        if (accept("?")) {
            return new int[]{0, 1};
        }
        if (accept("*")) {
            return new int[]{0, WordPattern.UNBOUNDED};
        }
        if (accept("+")) {
            return new int[]{1, WordPattern.UNBOUNDED};
        }
        if (accept("{")) {
            String[] bounds = until('}').split(",", -1);
            return new int[]{Integer.parseInt(bounds[0]), Integer.parseInt(bounds[bounds.length - 1])};
        }
        return new int[]{1, 1};
    }

    private String until(int last) {
        StringBuilder text = new StringBuilder();
        while (pattern[at] != last) {
            text.appendCodePoint(pattern[at++]);
        }
        at++;
        return text.toString();
    }

    private void expect(String text) {
        if (!accept(text)) {
            throw new IllegalArgumentException("missing " + text);
        }
    }

    private boolean accept(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= pattern.length || pattern[at + i] != text.charAt(i)) {
                return false;
            }
        }
        at += text.length();
        return true;
    }
}
