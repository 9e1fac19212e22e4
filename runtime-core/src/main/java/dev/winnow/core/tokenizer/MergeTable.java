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
    private final long[] table; // a power of two of entries: left and right symbol, or FREE; and the merge as made by SymbolChain.merge
    private final int shift; // of a scrambled pair to an entry

    MergeTable(ModelMetadata metadata, Vocabulary vocabulary, boolean required) {
        String[] lines = metadata.strings("tokenizer.ggml.merges").orElseGet(() -> new String[0]);
        if (required && lines.length == 0) {
            throw new WinnowException(WinnowException.Kind.MODEL,
                    "The key tokenizer.ggml.merges is missing from the model's metadata: the vocabulary is not complete.");
        }
        symbols = vocabulary.symbols();
        int entries = Integer.highestOneBit(Math.max(16, lines.length)) << 2;
        table = new long[2 * entries];
        shift = Long.numberOfLeadingZeros(entries) + 1;
        for (int entry = 0; entry < table.length; entry += 2) {
            table[entry] = FREE;
        }
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
        int entry = entry(pair);
        while (table[entry] != FREE) {
            if (table[entry] == pair) {
                return; // of equal lines the first counts
            }
            entry = next(entry);
        }
        table[entry] = pair;
        table[entry + 1] = SymbolChain.merge(rank, result);
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
        int entry = entry(pair);
        while (table[entry] != pair) {
            if (table[entry] == FREE) {
                return SymbolChain.NONE;
            }
            entry = next(entry);
        }
        return table[entry + 1];
    }

    private static long pair(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }

    private int entry(long pair) {
        return (int) (pair * SCRAMBLE >>> shift) << 1;
    }

    private int next(int entry) {
        return entry + 2 & table.length - 1;
    }
}
