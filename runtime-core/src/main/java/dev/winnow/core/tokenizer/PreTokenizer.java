package dev.winnow.core.tokenizer;

import java.util.Arrays;
import java.util.List;

/**
 * How BPE cuts a text into the words inside which it merges, and what else {@code tokenizer.ggml.pre} decides. Immutable.
 *
 * @param steps        applied one after the other, each to the pieces that the one before has left
 * @param byteLevel    whether merges are between bytes, written as GPT-2's visible characters, or between characters, with U+2581 for spaces
 * @param wholeWords   whether a word that is a token as a whole is not merged from its parts
 * @param wholeBreaks  whether a run of line breaks that is a token as a whole is not merged from its parts
 * @param addsBos      whether a text begins with the beginning-of-text token, unless the model file says otherwise
 * @param cleansSpaces whether spaces before punctuation are removed in decoding
 * @param hasBos       whether token 11 begins texts if the model file names no token for it
 */
record PreTokenizer(List<WordSplitter> steps, boolean byteLevel, boolean wholeWords, boolean wholeBreaks, boolean addsBos,
        boolean cleansSpaces, boolean hasBos) {

    /** Returns a byte-level pre-tokenizer with the given patterns, cleaning spaces. */
    static PreTokenizer of(String... patterns) {
        return of(Arrays.stream(patterns).<WordSplitter>map(WordPatternParser::parse).toList());
    }

    static PreTokenizer of(List<WordSplitter> steps) {
        return new PreTokenizer(steps, true, false, false, false, true, true);
    }

    PreTokenizer withCharacters(boolean breaks) {
        return new PreTokenizer(steps, false, wholeWords, breaks, addsBos, cleansSpaces, hasBos);
    }

    PreTokenizer withWholeWords() {
        return new PreTokenizer(steps, byteLevel, true, wholeBreaks, addsBos, cleansSpaces, hasBos);
    }

    PreTokenizer withBos() {
        return new PreTokenizer(steps, byteLevel, wholeWords, wholeBreaks, true, cleansSpaces, hasBos);
    }

    PreTokenizer keepingSpaces() {
        return new PreTokenizer(steps, byteLevel, wholeWords, wholeBreaks, addsBos, false, hasBos);
    }

    PreTokenizer withoutBos() {
        return new PreTokenizer(steps, byteLevel, wholeWords, wholeBreaks, addsBos, cleansSpaces, false);
    }

    /** Returns the ends of the words of a text. */
    WordSplitter.Ends split(CodePoints text) {
        WordSplitter.Ends ends = new WordSplitter.Ends();
        if (text.length() > 0) {
            ends.add(text.length());
        }
        for (WordSplitter step : steps) {
            WordSplitter.Ends finer = new WordSplitter.Ends();
            int start = 0;
            for (int i = 0; i < ends.count(); i++) {
                step.split(text, start, ends.get(i), finer);
                start = ends.get(i);
            }
            ends = finer;
        }
        return ends;
    }
}
