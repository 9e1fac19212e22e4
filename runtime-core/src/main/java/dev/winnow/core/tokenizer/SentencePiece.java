package dev.winnow.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * SentencePiece's BPE ("llama" models): characters are merged pairwise into tokens, the pair whose token has the highest score first, of equals the leftmost.
 * A character without a token is spelled by byte tokens.
 */
final class SentencePiece implements TextTokenizer {

    private final Vocabulary vocabulary;
    private final boolean addSpacePrefix;
    private final int[] byteTokens; // NONE for none
    private final int longestToken; // in UTF-16 units

    SentencePiece(Vocabulary vocabulary, boolean addSpacePrefix) {
        this.vocabulary = vocabulary;
        this.addSpacePrefix = addSpacePrefix;
        this.byteTokens = ByteTokens.of(vocabulary);
        int longest = 0;
        for (int token = 0; token < vocabulary.size(); token++) {
            longest = Math.max(longest, vocabulary.text(token).length());
        }
        this.longestToken = longest;
    }

    @Override
    public void tokenize(String raw, boolean afterSpecial, IntStream.Builder target) {
        String text = (addSpacePrefix && afterSpecial ? " " + raw : raw).replace(' ', SpaceSymbol.CHARACTER);
        SymbolChain chain = new SymbolChain();
        for (int i = 0; i < text.length();) {
            int next = i + Character.charCount(text.codePointAt(i));
            chain.add(vocabulary.findInText(text, i, next), i);
            i = next;
        }
        chain.mergeAll(text.length(), (symbols, left, right) -> merge(text, symbols.start(left), symbols.textEnd(right)));
        for (int i = chain.first(); i < chain.end(); i = chain.next(i)) {
            if (chain.symbol(i) != Vocabulary.NONE) {
                target.add(chain.symbol(i));
            } else {
                spell(text.substring(chain.start(i), chain.textEnd(i)), target);
            }
        }
    }

    private long merge(String text, int start, int end) {
        int token = end - start > longestToken ? Vocabulary.NONE : vocabulary.findInText(text, start, end);
        return token == Vocabulary.NONE ? SymbolChain.NONE : SymbolChain.merge(priority(vocabulary.score(token)), token);
    }

    /** A number that is the smaller, the higher the score: the bits of floats in descending order. Both zeros are the same. */
    private static int priority(float score) {
        int bits = Float.floatToIntBits(score + 0.0f);
        return ~(bits >= 0 ? bits : bits ^ Integer.MAX_VALUE);
    }

    private void spell(String character, IntStream.Builder target) {
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
            int token = byteTokens[b & 0xFF];
            if (token == Vocabulary.NONE) {
                token = vocabulary.unknown();
            }
            if (token != Vocabulary.NONE) {
                target.add(token);
            }
        }
    }

    @Override
    public byte[] bytes(int token) {
        return SpaceSymbol.toSpaces(vocabulary.text(token)).getBytes(StandardCharsets.UTF_8);
    }
}
