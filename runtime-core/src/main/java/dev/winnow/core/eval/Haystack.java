package dev.winnow.core.eval;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import java.util.Random;

/** A text in tokens, of which pieces of any exact length can be cut. Immutable. */
final class Haystack {

    /** Tokens to both sides where the end of a sentence is near, also in a short piece. */
    private static final int NEAR = 128;

    private final int[] tokens;
    private final boolean[] endsSentence; // [tokens], whether a sentence ends with the token

    /**
     * Tokenizes a text.
     *
     * @throws WinnowException if it is empty
     */
    Haystack(Tokenizer tokenizer, String text) {
        tokens = tokenizer.encode(text, false, false);
        if (tokens.length == 0) {
            throw new WinnowException(WinnowException.Kind.USAGE, "The text that hides the needle is empty; give any text of some length.");
        }
        endsSentence = new boolean[tokens.length];
        String[] pieces = new String[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            pieces[i] = tokenizer.decode(new int[]{tokens[i]}, false);
        }
        for (int i = 0; i < tokens.length; i++) {
            String before = i == 0 ? pieces[i] : pieces[i - 1] + pieces[i];
            // "3.14" and "e.g" do not end sentences: space has to follow.
            boolean spaceFollows = endsWithSpace(pieces[i]) || beginsWithSpace(pieces[(i + 1) % tokens.length]);
            endsSentence[i] = spaceFollows && Sentences.isEnd(before);
        }
    }

    private static boolean endsWithSpace(String piece) {
        return !piece.isEmpty() && Character.isWhitespace(piece.charAt(piece.length() - 1));
    }

    private static boolean beginsWithSpace(String piece) {
        return !piece.isEmpty() && Character.isWhitespace(piece.charAt(0));
    }

    /** Returns a place where a sentence begins. The text begins again where it ends. */
    int randomStart(Random random) {
        int start = random.nextInt(tokens.length);
        for (int i = 0; i < tokens.length && !endsSentence[Math.floorMod(start - 1, tokens.length)]; i++) {
            start = (start + 1) % tokens.length;
        }
        return start;
    }

    /** Returns a token of the piece at a place. */
    int token(int start, int index) {
        return tokens[(int) (((long) start + index) % tokens.length)];
    }

    /**
     * Returns the end of a sentence in a piece that is closest to a wanted index: 0, where a sentence begins, to {@code length}. If there is none near by, the
     * wanted index itself.
     */
    int sentenceEndNear(int start, int length, int wanted) {
        for (int distance = 0; distance <= Math.max(NEAR, length / 8); distance++) {
            for (int index : new int[]{wanted - distance, wanted + distance}) {
                boolean inside = index > 0 && index <= length;
                if (index == 0 || (inside && endsSentence[(int) (((long) start + index - 1) % tokens.length)])) {
                    return index;
                }
            }
        }
        return wanted;
    }
}
