package dev.winnow.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * BPE with a list of merges: the text is cut into words, and in each word neighbours are merged by the rank of their pair, the lowest first, of equals the
 * leftmost. GPT-2 and its successors merge bytes, written as visible characters; Gemma 4 merges characters and spells unknown ones by byte tokens.
 */
final class BytePairEncoding implements TextTokenizer {

    /** Words up to this length are merged once for each text; longer ones hardly repeat. */
    private static final int LONGEST_KNOWN_WORD = 64;

    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final MergeTable merges;
    private final int[] byteSymbols = new int[256]; // of a byte-level vocabulary
    private final int[] byteTokens; // what an unknown symbol is spelled with; NONE for none

    BytePairEncoding(Vocabulary vocabulary, PreTokenizer preTokenizer, MergeTable merges) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        this.merges = merges;
        if (preTokenizer.byteLevel()) {
            byteTokens = new int[256];
            for (int b = 0; b < 256; b++) {
                String character = String.valueOf(ByteCharacters.character(b));
                byteSymbols[b] = merges.intern(character);
                // llama.cpp spells unknown symbols only by the visible characters of ASCII, and drops what is left.
                byteTokens[b] = character.charAt(0) < 128 ? vocabulary.findInText(character, 0, 1) : Vocabulary.NONE;
            }
        } else {
            byteTokens = ByteTokens.of(vocabulary);
        }
    }

    @Override
    public void tokenize(String text, boolean afterSpecial, IntStream.Builder target) {
        CodePoints points = new CodePoints(preTokenizer.byteLevel() ? text : text.replace(' ', SpaceSymbol.CHARACTER));
        WordSplitter.Ends ends = preTokenizer.split(points);
        SymbolChain chain = new SymbolChain();
        Map<String, int[]> known = new HashMap<>();
        int start = 0;
        for (int i = 0; i < ends.count(); i++) {
            String word = points.text(start, ends.get(i));
            start = ends.get(i);
            int[] tokens = known.get(word);
            if (tokens == null) {
                tokens = preTokenizer.byteLevel() ? mergeBytes(word, chain) : mergeCharacters(word, chain);
                if (word.length() <= LONGEST_KNOWN_WORD) {
                    known.put(word, tokens);
                }
            }
            for (int token : tokens) {
                target.add(token);
            }
        }
    }

    private int[] mergeBytes(String word, SymbolChain chain) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        if (preTokenizer.wholeWords()) {
            String encoded = ByteCharacters.encode(bytes);
            int token = vocabulary.findInText(encoded, 0, encoded.length());
            if (token != Vocabulary.NONE) {
                return new int[]{token};
            }
        }
        chain.clear();
        for (int i = 0; i < bytes.length; i++) {
            chain.add(byteSymbols[bytes[i] & 0xFF], i);
        }
        chain.mergeAll(bytes.length, merges);
        IntStream.Builder tokens = IntStream.builder();
        for (int i = chain.first(); i < chain.end(); i = chain.next(i)) {
            if (vocabulary.isText(chain.symbol(i))) {
                tokens.add(chain.symbol(i));
            } else {
                spell(bytes, chain.start(i), chain.textEnd(i), tokens);
            }
        }
        return tokens.build().toArray();
    }

    private int[] mergeCharacters(String word, SymbolChain chain) {
        boolean breaks = word.charAt(0) == '\n';
        if (preTokenizer.wholeWords() || (breaks && preTokenizer.wholeBreaks())) {
            int token = vocabulary.findInText(word, 0, word.length());
            if (token != Vocabulary.NONE) {
                return new int[]{token};
            }
        }
        chain.clear();
        for (int i = 0; i < word.length();) {
            int next = i + Character.charCount(word.codePointAt(i));
            chain.add(merges.symbol(word, i, next), i);
            i = next;
        }
        chain.mergeAll(word.length(), merges);
        IntStream.Builder tokens = IntStream.builder();
        for (int i = chain.first(); i < chain.end(); i = chain.next(i)) {
            if (vocabulary.isText(chain.symbol(i))) {
                tokens.add(chain.symbol(i));
            } else {
                byte[] bytes = word.substring(chain.start(i), chain.textEnd(i)).getBytes(StandardCharsets.UTF_8);
                spell(bytes, 0, bytes.length, tokens);
            }
        }
        return tokens.build().toArray();
    }

    private void spell(byte[] bytes, int start, int end, IntStream.Builder target) {
        for (int i = start; i < end; i++) {
            int token = byteTokens[bytes[i] & 0xFF];
            if (token != Vocabulary.NONE) {
                target.add(token);
            }
        }
    }

    @Override
    public byte[] bytes(int token) {
        String text = vocabulary.text(token);
        return preTokenizer.byteLevel() ? ByteCharacters.decode(text) : SpaceSymbol.toSpaces(text).getBytes(StandardCharsets.UTF_8);
    }
}
