package dev.winnow.core.eval;

import dev.winnow.api.WinnowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts long prompts out of a text. */
public final class PromptTexts {

    private static final int LONGEST_SENTENCE = 200; // words
    private static final Pattern WORD = Pattern.compile("\\S+");

    private PromptTexts() {}

    /**
     * Returns pieces of a text that begin with a sentence and end with one. Words are what space separates. Equal arguments give equal pieces.
     *
     * @param leastWords fewest words of a piece, 1 or more
     * @param mostWords  most words of a piece
     * @param count      number of pieces; they may overlap
     * @throws WinnowException if the text is too short
     */
    public static List<String> cut(String text, int leastWords, int mostWords, int count, long seed) {
        List<int[]> words = new ArrayList<>(); // each {begin, end}
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(new int[]{matcher.start(), matcher.end()});
        }
        if (leastWords < 1 || mostWords < leastWords || words.size() < leastWords) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text has " + words.size() + " words, from which no prompt of "
                    + leastWords + " to " + mostWords + " words can be cut; give a longer text or ask for fewer words.");
        }
        Random random = new Random(seed);
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = sentenceBegin(text, words, random.nextInt(words.size() - leastWords + 1));
            int most = Math.min(mostWords, words.size() - first);
            int last = first + leastWords + random.nextInt(most - leastWords + 1) - 1;
            pieces.add(text.substring(words.get(first)[0],
                    words.get(sentenceEnd(text, words, first + leastWords - 1, last, first + most - 1))[1]));
        }
        return pieces;
    }

    private static boolean isEnd(String text, int[] word) {
        return Sentences.isEnd(text.substring(word[0], word[1]));
    }

    /** Returns the last beginning of a sentence at or before a word, or else the word. */
    private static int sentenceBegin(String text, List<int[]> words, int word) {
        for (int begin = word; begin >= Math.max(0, word - LONGEST_SENTENCE); begin--) {
            if (begin == 0 || isEnd(text, words.get(begin - 1))) {
                return begin;
            }
        }
        return word;
    }

    /** Returns the word from {@code least} to {@code most} that ends a sentence: the last one up to {@code wanted}, or else the next one, or else the wanted. */
    private static int sentenceEnd(String text, List<int[]> words, int least, int wanted, int most) {
        for (int end = wanted; end >= least; end--) {
            if (isEnd(text, words.get(end))) {
                return end;
            }
        }
        for (int end = wanted + 1; end <= most; end++) {
            if (isEnd(text, words.get(end))) {
                return end;
            }
        }
        return wanted;
    }
}
