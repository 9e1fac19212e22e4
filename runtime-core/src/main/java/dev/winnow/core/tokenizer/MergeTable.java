package dev.winnow.core.tokenizer;

import dev.winnow.api.WinnowException;
import dev.winnow.spi.ModelMetadata;

/**
 * The merges of BPE: which pairs of symbols become one, in which order. Symbols are numbers: below the size of the vocabulary they are tokens, above it texts
 * that only merges know. Immutable but for {@link #intern(String)}.
 */
final class MergeTable implements SymbolChain.Merges {

    private static final long SCRAMBLE = 0x9E3779B97F4A7C15L; // 2^64 divided by the golden ratio
    private static final long FREE = -1; // no pair: symbols are not negative

    private final StringIndex symbols;
    private final long[] pairs; // a power of two of them: left and right symbol, or FREE
    private final long[] merges; // as made by SymbolChain.merge, by the same slots
    private final int shift;

    MergeTable(ModelMetadata metadata, Vocabulary vocabulary, boolean required) {
        String[] lines = metadata.strings("tokenizer.ggml.merges").orElseGet(() -> new String[0]);
        if (required && lines.length == 0) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The key tokenizer.ggml.merges is missing from the model's metadata: the vocabulary is not complete.");
        }
        symbols = vocabulary.symbols();
        int capacity = Integer.highestOneBit(Math.max(16, lines.length)) << 2;
        pairs = new long[capacity];
        merges = new long[capacity];
        shift = Integer.numberOfLeadingZeros(capacity) + 1 + Integer.SIZE;
        java.util.Arrays.fill(pairs, FREE);
        for (int rank = 0; rank < lines.length; rank++) {
            add(lines[rank], rank);
        }
    }

    /** A line is the two texts with a space between them; the first of them may itself begin with a space. */
    private void add(String line, int rank) {
        int space = line.indexOf(' ', 1);
        if (space < 0) {
            return;
        }
        int left = intern(line, 0, space, space, space);
        int right = intern(line, space + 1, line.length(), line.length(), line.length());
        int result = intern(line, 0, space, space + 1, line.length());
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != FREE) {
            if (pairs[slot] == pair) {
                return; // of equal lines the first counts
            }
            slot = slot + 1 & pairs.length - 1;
        }
        pairs[slot] = pair;
        merges[slot] = SymbolChain.merge(rank, result);
    }

    private int intern(String line, int start, int end, int secondStart, int secondEnd) {
        int symbol = symbols.find(line, start, end, secondStart, secondEnd);
        if (symbol == StringIndex.NONE) {
            symbol = symbols.size();
            symbols.add(line.substring(start, end) + line.substring(secondStart, secondEnd));
        }
        return symbol;
    }

    /** Returns the symbol of a text, which is made if it does not exist yet. */
    int intern(String text) {
        return intern(text, 0, text.length(), text.length(), text.length());
    }

    /** Returns the symbol of a slice, or {@link StringIndex#NONE} if neither a token nor a merge knows it. */
    int symbol(String text, int start, int end) {
        return symbols.find(text, start, end);
    }

    @Override
    public long find(SymbolChain chain, int left, int right) {
        if (chain.symbol(left) < 0 || chain.symbol(right) < 0) {
            return SymbolChain.NONE;
        }
        long pair = pair(chain.symbol(left), chain.symbol(right));
        for (int slot = slot(pair);; slot = slot + 1 & pairs.length - 1) {
            if (pairs[slot] == pair) {
                return merges[slot];
            }
            if (pairs[slot] == FREE) {
                return SymbolChain.NONE;
            }
        }
    }

    private static long pair(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }

    private int slot(long pair) {
        return (int) (pair * SCRAMBLE >>> shift);
    }
}
