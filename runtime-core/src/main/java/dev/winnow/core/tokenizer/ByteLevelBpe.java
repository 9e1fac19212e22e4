package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * GPT-2's byte-level BPE: the text is cut into words, the bytes of a word are written as visible characters, and neighbours are merged by the rank of their
 * pair, the lowest first, of equals the leftmost.
 */
final class ByteLevelBpe implements TextTokenizer {

    private final Vocabulary vocabulary;
    private final PreTokenizer words;
    private final Map<String, Integer> symbols; // texts of tokens and of parts of merges; ids from the vocabulary's size on are no tokens
    private final Map<Long, Merge> merges = new HashMap<>();
    private final String[] extra; // texts of the ids that are no tokens
    private final int[] byteSymbols = new int[256]; // −1 for a byte that the vocabulary lacks

    /** A merge: its rank and the symbol that it gives. */
    private record Merge(int rank, int symbol) {}

    ByteLevelBpe(ModelMetadata metadata, Vocabulary vocabulary, PreTokenizer words) {
        this.vocabulary = vocabulary;
        this.words = words;
        this.symbols = new HashMap<>(vocabulary.ids());
        String[] lines = metadata.strings("tokenizer.ggml.merges")
                .orElseThrow(() -> new WinnowException(WinnowException.Kind.MODEL,
                        "The key tokenizer.ggml.merges is missing from the model's metadata."));
        for (int b = 0; b < 256; b++) {
            byteSymbols[b] = symbol(String.valueOf(ByteCharacters.character(b)));
        }
        for (int rank = 0; rank < lines.length; rank++) {
            int space = lines[rank].indexOf(' ', 1);
            if (space > 0) {
                String left = lines[rank].substring(0, space);
                String right = lines[rank].substring(space + 1);
                merges.putIfAbsent(pair(symbol(left), symbol(right)), new Merge(rank, symbol(left + right)));
            }
        }
        extra = new String[symbols.size() - vocabulary.ids().size()];
        symbols.forEach((text, id) -> {
            if (id >= vocabulary.size()) {
                extra[id - vocabulary.size()] = text;
            }
        });
    }

    private int symbol(String text) {
        return symbols.computeIfAbsent(text, t -> vocabulary.size() + symbols.size() - vocabulary.ids().size());
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    @Override
    public void tokenize(String text, boolean afterSpecial, IntStream.Builder target) {
        Map<String, int[]> known = new HashMap<>(); // words repeat: each is merged once
        words.split(text, word -> {
            for (int token : known.computeIfAbsent(word, this::tokenizeWord)) {
                target.add(token);
            }
        });
    }

    private int[] tokenizeWord(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        if (words.takesWholeWords()) {
            int whole = vocabulary.id(ByteCharacters.encode(bytes));
            if (whole >= 0) {
                return new int[]{whole};
            }
        }
        IntStream.Builder target = IntStream.builder();
        for (int symbol : merge(bytes)) {
            if (symbol < vocabulary.size()) {
                target.add(symbol);
            } else {
                spell(extra[symbol - vocabulary.size()], target);
            }
        }
        return target.build().toArray();
    }

    /** A symbol that is no token is spelled by its characters; those that the vocabulary lacks are dropped, as llama.cpp does. */
    private void spell(String symbol, IntStream.Builder target) {
        for (int i = 0; i < symbol.length(); i++) {
            int token = symbol.charAt(i) < 128 ? vocabulary.id(symbol.substring(i, i + 1)) : -1;
            if (token >= 0) {
                target.add(token);
            }
        }
    }

    /** Two neighbouring symbols that can be merged. */
    private record Candidate(int left, int right, int leftSymbol, int rightSymbol, int rank, int result) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return rank != other.rank ? Integer.compare(rank, other.rank) : Integer.compare(left, other.left);
        }
    }

    private int[] merge(byte[] bytes) {
        int count = bytes.length;
        int[] symbol = new int[count]; // −1 for one that was merged into its left neighbour
        int[] previous = new int[count];
        int[] next = new int[count];
        for (int i = 0; i < count; i++) {
            symbol[i] = byteSymbols[bytes[i] & 0xFF];
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
        }
        PriorityQueue<Candidate> queue = new PriorityQueue<>();
        for (int i = 0; i + 1 < count; i++) {
            offer(queue, symbol, i, i + 1);
        }
        Candidate best;
        while ((best = queue.poll()) != null) {
            if (symbol[best.left] != best.leftSymbol || symbol[best.right] != best.rightSymbol || next[best.left] != best.right) {
                continue; // one of the two has been merged with another since
            }
            symbol[best.left] = best.result;
            symbol[best.right] = -1;
            next[best.left] = next[best.right];
            if (next[best.right] >= 0) {
                previous[next[best.right]] = best.left;
            }
            offer(queue, symbol, previous[best.left], best.left);
            offer(queue, symbol, best.left, next[best.left]);
        }
        return Arrays.stream(symbol).filter(id -> id >= 0).toArray();
    }

    private void offer(PriorityQueue<Candidate> queue, int[] symbol, int left, int right) {
        if (left >= 0 && right >= 0) {
            Merge merge = merges.get(pair(symbol[left], symbol[right]));
            if (merge != null) {
                queue.add(new Candidate(left, right, symbol[left], symbol[right], merge.rank, merge.symbol));
            }
        }
    }

    @Override
    public byte[] bytes(int token) {
        String text = vocabulary.text(token);
        if (vocabulary.isUserDefined(token)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text.codePoints().forEach(c -> ByteCharacters.decode(c, bytes));
        return bytes.toByteArray();
    }
}
