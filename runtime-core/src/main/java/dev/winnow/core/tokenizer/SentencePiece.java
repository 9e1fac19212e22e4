package dev.winnow.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * SentencePiece's BPE ("llama" models): characters are merged pairwise into tokens, the pair whose token has the highest score first, of equals the leftmost.
 * What stays without a token becomes byte tokens.
 */
final class SentencePiece implements TextTokenizer {

    private static final char SPACE = '\u2581';

    private final Vocabulary vocabulary;
    private final boolean addSpacePrefix;
    private final int[] byteTokens = new int[256]; // −1 for none

    SentencePiece(Vocabulary vocabulary, boolean addSpacePrefix) {
        this.vocabulary = vocabulary;
        this.addSpacePrefix = addSpacePrefix;
        for (int b = 0; b < 256; b++) {
            int id = vocabulary.id(String.format("<0x%02X>", b));
            byteTokens[b] = id >= 0 ? id : vocabulary.id(new String(new byte[]{(byte) b}, StandardCharsets.UTF_8));
        }
    }

    /** Two neighbouring symbols that have a token together. */
    private record Pair(int left, int right, float score, int length) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byScore = Float.compare(other.score, score);
            return byScore != 0 ? byScore : Integer.compare(left, other.left);
        }
    }

    @Override
    public void tokenize(String raw, boolean afterSpecial, IntStream.Builder target) {
        String text = (addSpacePrefix && afterSpecial ? " " + raw : raw).replace(' ', SPACE);
        Symbols symbols = new Symbols(text);
        PriorityQueue<Pair> queue = new PriorityQueue<>();
        for (int i = 1; i < symbols.count; i++) {
            offer(queue, symbols, i - 1, i);
        }
        Pair pair;
        while ((pair = queue.poll()) != null) {
            if (symbols.length[pair.left] == 0 || symbols.length[pair.right] == 0
                    || symbols.length[pair.left] + symbols.length[pair.right] != pair.length) {
                continue; // one of the two has been merged with another since
            }
            symbols.merge(pair.left, pair.right);
            offer(queue, symbols, symbols.previous[pair.left], pair.left);
            offer(queue, symbols, pair.left, symbols.next[pair.left]);
        }
        for (int i = 0; i >= 0 && i < symbols.count; i = symbols.next[i]) {
            emit(symbols.text(i), target);
        }
    }

    private void offer(PriorityQueue<Pair> queue, Symbols symbols, int left, int right) {
        if (left < 0 || right < 0) {
            return;
        }
        int token = vocabulary.id(symbols.text.substring(symbols.start[left], symbols.start[right] + symbols.length[right]));
        if (token >= 0) {
            queue.add(new Pair(left, right, vocabulary.score(token), symbols.length[left] + symbols.length[right]));
        }
    }

    private void emit(String symbol, IntStream.Builder target) {
        int token = vocabulary.id(symbol);
        if (token >= 0) {
            target.add(token);
            return;
        }
        for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
            if (byteTokens[b & 0xFF] >= 0) {
                target.add(byteTokens[b & 0xFF]);
            }
        }
    }

    @Override
    public byte[] bytes(int token) {
        String text = vocabulary.text(token);
        if (vocabulary.isByte(token) && text.length() == 6 && text.startsWith("<0x")) {
            return new byte[]{(byte) Integer.parseInt(text, 3, 5, 16)};
        }
        if (vocabulary.isUserDefined(token)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        return text.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }

    /** The symbols of a text as a linked list over arrays; at first one for each code point. */
    private static final class Symbols {

        private final String text;
        private final int count;
        private final int[] start;
        private final int[] length; // 0 for a symbol that was merged into its left neighbour
        private final int[] previous;
        private final int[] next;

        Symbols(String text) {
            this.text = text;
            count = text.codePointCount(0, text.length());
            start = new int[count];
            length = new int[count];
            previous = new int[count];
            next = new int[count];
            int at = 0;
            for (int i = 0; i < count; i++) {
                start[i] = at;
                length[i] = Character.charCount(text.codePointAt(at));
                at += length[i];
                previous[i] = i - 1;
                next[i] = i + 1 < count ? i + 1 : -1;
            }
        }

        void merge(int left, int right) {
            length[left] += length[right];
            length[right] = 0;
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
            }
        }

        String text(int symbol) {
            return text.substring(start[symbol], start[symbol] + length[symbol]);
        }
    }
}
