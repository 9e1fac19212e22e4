package dev.winnow.core.tokenizer;

import java.util.List;

/**
 * A pattern of a pre-tokenizer: every match is a piece, and so is every gap between matches. Matches are found as Perl, Python and C++ find them: from left to
 * right, the first alternative that matches, each repetition as long as possible. The time is linear in the length of the text for the patterns of
 * {@link PreTokenizers}; a repeated group is never given back once it has matched, which none of them needs.
 */
final class WordPattern implements WordSplitter {

    static final int UNBOUNDED = Integer.MAX_VALUE;

    /** A part of an alternative. */
    sealed interface Step {
        /** From {@code least} to {@code most} characters of a class. */
        record Characters(CharacterClass allowed, int least, int most) implements Step {}

        /** From {@code least} to {@code most} times one of several alternatives. */
        record Group(List<List<Step>> alternatives, int least, int most) implements Step {}

        /** No character of a class may follow. */
        record NotBefore(CharacterClass forbidden) implements Step {}

        /** Nothing may follow in the piece. */
        record AtEnd() implements Step {}
    }

    private final List<List<Step>> alternatives;

    WordPattern(List<List<Step>> alternatives) {
        this.alternatives = alternatives;
    }

    @Override
    public void split(CodePoints text, int start, int end, Ends ends) {
        Matcher matcher = new Matcher(text, end);
        int gap = start;
        int at = start;
        while (at < end) {
            int match = matcher.match(at);
            if (match <= at) {
                at++;
                continue;
            }
            if (gap < at) {
                ends.add(at);
            }
            ends.add(match);
            gap = match;
            at = match;
        }
        if (gap < end) {
            ends.add(end);
        }
    }

    /** The state of one search. */
    private final class Matcher {

        private final CodePoints text;
        private final int end;
        /**
         * Where an alternative that begins with an unbounded repetition can match again: if it fails somewhere in a run, it fails in the rest of the run too,
         * because there it has only fewer ways to match. Without this, long runs of white space would take quadratic time.
         */
        private final int[] failsBefore = new int[alternatives.size()];

        Matcher(CodePoints text, int end) {
            this.text = text;
            this.end = end;
        }

        /** Returns the end of the match at a position, −1 for none. */
        int match(int at) {
            for (int i = 0; i < failsBefore.length; i++) {
                if (at < failsBefore[i]) {
                    continue;
                }
                List<Step> steps = alternatives.get(i);
                int match = match(steps, 0, at);
                if (match >= 0) {
                    return match;
                }
                if (steps.getFirst() instanceof Step.Characters first && first.most == UNBOUNDED) {
                    failsBefore[i] = run(first, at);
                }
            }
            return -1;
        }

        private int match(List<Step> steps, int index, int at) {
            if (index == steps.size()) {
                return at;
            }
            return switch (steps.get(index)) {
                case Step.Characters characters -> match(characters, steps, index, at);
                case Step.Group group -> match(group, steps, index, at);
                case Step.NotBefore notBefore ->
                    at < end && contains(notBefore.forbidden, at) ? -1 : match(steps, index + 1, at);
                case Step.AtEnd _ -> at < end ? -1 : match(steps, index + 1, at);
            };
        }

        private int match(Step.Characters characters, List<Step> steps, int index, int at) {
            int longest = run(characters, at);
            if (index + 1 == steps.size()) {
                return longest - at < characters.least ? -1 : longest;
            }
            for (int next = longest; next - at >= characters.least; next--) {
                int match = match(steps, index + 1, next);
                if (match >= 0) {
                    return match;
                }
            }
            return -1;
        }

        private int match(Step.Group group, List<Step> steps, int index, int at) {
            int next = at;
            int times = 0;
            while (times < group.most) {
                int match = -1;
                for (int i = 0; i < group.alternatives.size() && match < 0; i++) {
                    match = match(group.alternatives.get(i), 0, next);
                }
                if (match <= next) {
                    break;
                }
                next = match;
                times++;
            }
            return times < group.least ? -1 : match(steps, index + 1, next);
        }

        private int run(Step.Characters characters, int at) {
            int limit = characters.most < end - at ? at + characters.most : end;
            int next = at;
            while (next < limit && contains(characters.allowed, next)) {
                next++;
            }
            return next;
        }

        private boolean contains(CharacterClass characters, int at) {
            return characters.contains(text.value(at), text.kind(at));
        }
    }
}
