package dev.winnow.spi;

import java.util.Arrays;

/**
 * Which keys each query row of one tile may look at: one bit per (row, key). A row is a pair of a query head and a query position, both counted from 0 inside
 * the tile. Keys come in blocks of {@value #BLOCK_KEYS}, one cache page each, so a row of a block is one {@code long}: bit j is the key 64·block + j.
 *
 * <p>The unit of bookkeeping is the <em>cell</em>, one head's rows of one block. A cell is {@link #EMPTY}, {@link #FULL} or {@link #PARTIAL}, and its words exist
 * only while it is PARTIAL: a dense mask costs one byte per cell, and removing a block costs one write, however many rows there are. The whole n × n mask
 * never exists.
 *
 * <p>Refiners only clear bits. There is no operation that widens the mask, except that {@link #seal} gives a row that has lost everything its own key back.
 *
 * <p>One mask belongs to one worker. Not thread-safe; allocates only when it grows.
 */
public final class AttentionMask {

    /** Keys in a block. */
    public static final int BLOCK_KEYS = KeyValues.PAGE_KEYS;

    /** State of a cell in which no row keeps a key. */
    public static final int EMPTY = 0;

    /** State of a cell in which every row keeps all 64 keys. */
    public static final int FULL = 1;

    /** State of a cell of which some bits are set and some are not. */
    public static final int PARTIAL = 2;

    /** Words changed since the state was last computed. */
    private static final byte STALE = 3;

    private static final long ALL = -1L;

    private int heads;
    private int queries;
    private int blocks;
    private int keyCount;
    private int firstPosition;
    private int resets;
    private MaskBase base = MaskBase.CAUSAL;
    private long baseKeys;

    private byte[] states = new byte[0]; // [heads][blocks]
    private long[] words = new long[0]; // [heads][blocks][queries], meaningful in PARTIAL and STALE cells
    private long[] columns = new long[0]; // [heads][blocks], the union over the rows, meaningful in PARTIAL cells

    private boolean content;
    private byte[] candidateStates = new byte[0]; // [heads][blocks], as of beginContent
    private long[] candidateWords = new long[0]; // [heads][blocks][queries], meaningful in PARTIAL cells

    /**
     * Sets the mask to its base.
     *
     * @param base          which keys positions permit
     * @param heads         query heads of the tile
     * @param firstPosition absolute position of the first query
     * @param queries       query positions, 1 … {@value AttentionTile#MAX_POSITIONS}
     * @param firstKey      keys below are not held and are removed; a multiple of {@value #BLOCK_KEYS}
     * @param keyCount      number of key positions
     */
    public void reset(MaskBase base, int heads, int firstPosition, int queries, int firstKey, int keyCount) {
        if (heads < 1 || queries < 1 || queries > AttentionTile.MAX_POSITIONS || keyCount < 1 || firstPosition < 0
                || firstKey < 0 || firstKey % BLOCK_KEYS != 0
                || (base != MaskBase.CROSS && firstPosition + queries > keyCount)) {
            throw new IllegalArgumentException(
                    "mask of " + heads + " heads, queries " + firstPosition + " + " + queries + ", keys " + firstKey + " to "
                            + keyCount + ", base " + base);
        }
        this.resets++;
        this.base = base;
        this.heads = heads;
        this.queries = queries;
        this.firstPosition = firstPosition;
        this.keyCount = keyCount;
        this.content = false;
        this.blocks = (keyCount + BLOCK_KEYS - 1) / BLOCK_KEYS;
        int cells = heads * blocks;
        if (states.length < cells) {
            states = new byte[Math.max(cells, 2 * states.length)];
            columns = new long[states.length];
        }
        if (words.length < cells * queries) {
            words = new long[Math.max(cells * queries, 2 * words.length)];
        }
        for (int head = 0; head < heads; head++) {
            resetHead(head, firstKey);
        }
        baseKeys = keptKeys();
    }

    private void resetHead(int head, int firstKey) {
        int cell = head * blocks;
        int visibleToFirst = visibleKeys(0);
        int visibleToLast = visibleKeys(queries - 1);
        int fullFrom = Math.min(firstKey / BLOCK_KEYS, blocks);
        int fullTo = Math.max(fullFrom, visibleToFirst / BLOCK_KEYS);
        int partialTo = Math.max(fullTo, (visibleToLast + BLOCK_KEYS - 1) / BLOCK_KEYS);
        Arrays.fill(states, cell, cell + fullFrom, (byte) EMPTY);
        Arrays.fill(states, cell + fullFrom, cell + fullTo, (byte) FULL);
        Arrays.fill(states, cell + fullTo, cell + partialTo, STALE);
        Arrays.fill(states, cell + partialTo, cell + blocks, (byte) EMPTY);
        for (int block = fullTo; block < partialTo; block++) {
            int at = (cell + block) * queries;
            for (int query = 0; query < queries; query++) {
                words[at + query] = lowBits(visibleKeys(query) - block * BLOCK_KEYS);
            }
        }
    }

    /** Number of keys, from position 0, that the base permits to a query. */
    private int visibleKeys(int query) {
        return base == MaskBase.CAUSAL ? firstPosition + query + 1 : keyCount;
    }

    /** A word with the lowest {@code count} bits set; none below 0, all from 64. */
    private static long lowBits(int count) {
        return count <= 0 ? 0 : count >= BLOCK_KEYS ? ALL : (1L << count) - 1;
    }

    /** Returns how often the mask was reset. The runtime looks at it to find a refiner that does so, which would give keys back that others have removed. */
    public int resets() {
        return resets;
    }

    /** Returns the base. */
    public MaskBase base() {
        return base;
    }

    /** Returns the number of query heads. */
    public int headCount() {
        return heads;
    }

    /** Returns the number of query positions. */
    public int queryCount() {
        return queries;
    }

    /** Returns the absolute position of the first query. */
    public int firstPosition() {
        return firstPosition;
    }

    /** Returns the number of key positions. */
    public int keyCount() {
        return keyCount;
    }

    /** Returns the number of blocks. */
    public int blockCount() {
        return blocks;
    }

    /** Returns {@link #EMPTY}, {@link #FULL} or {@link #PARTIAL}. */
    public int state(int head, int block) {
        int cell = head * blocks + block;
        return states[cell] == STALE ? refresh(cell) : states[cell];
    }

    /** Returns the keys of a block that at least one row of the head keeps. */
    public long columns(int head, int block) {
        return switch (state(head, block)) {
            case EMPTY -> 0;
            case FULL -> ALL;
            default -> columns[head * blocks + block];
        };
    }

    /** Returns the keys of a block that a row keeps. */
    public long word(int head, int query, int block) {
        int cell = head * blocks + block;
        return switch (states[cell]) {
            case EMPTY -> 0;
            case FULL -> ALL;
            default -> words[cell * queries + query];
        };
    }

    /**
     * Remembers the mask as what content refiners choose from. The runtime calls it between the positional and the content phase, so that each content refiner
     * chooses from the same keys, whatever the others have removed, and their order does not matter.
     */
    public void beginContent() {
        int cells = heads * blocks;
        if (candidateStates.length < cells) {
            candidateStates = new byte[states.length];
        }
        if (candidateWords.length < cells * queries) {
            candidateWords = new long[words.length];
        }
        for (int cell = 0; cell < cells; cell++) {
            int state = states[cell] == STALE ? refresh(cell) : states[cell];
            candidateStates[cell] = (byte) state;
            if (state == PARTIAL) {
                System.arraycopy(words, cell * queries, candidateWords, cell * queries, queries);
            }
        }
        content = true;
    }

    /** Returns the keys of a block that a row kept at {@link #beginContent}; if it was not called since the last reset, those that it keeps now. */
    public long candidates(int head, int query, int block) {
        if (!content) {
            return word(head, query, block);
        }
        int cell = head * blocks + block;
        return switch (candidateStates[cell]) {
            case EMPTY -> 0;
            case FULL -> ALL;
            default -> candidateWords[cell * queries + query];
        };
    }

    /** Returns the state of a cell at {@link #beginContent}; if it was not called since the last reset, the state now. */
    public int candidateState(int head, int block) {
        return content ? candidateStates[head * blocks + block] : state(head, block);
    }

    /** Copies the words of a head's rows in a block to {@code target[offset … offset + queryCount − 1]}. */
    public void copyWords(int head, int block, long[] target, int offset) {
        int cell = head * blocks + block;
        switch (states[cell]) {
            case EMPTY -> Arrays.fill(target, offset, offset + queries, 0);
            case FULL -> Arrays.fill(target, offset, offset + queries, ALL);
            default -> System.arraycopy(words, cell * queries, target, offset, queries);
        }
    }

    /** Returns whether a row keeps a key. */
    public boolean keeps(int head, int query, int key) {
        return (word(head, query, key / BLOCK_KEYS) >>> (key % BLOCK_KEYS) & 1) != 0;
    }

    /** Returns the number of (row, key) pairs that are kept. */
    public long keptKeys() {
        long kept = 0;
        for (int cell = 0; cell < heads * blocks; cell++) {
            int state = states[cell] == STALE ? refresh(cell) : states[cell];
            if (state == FULL) {
                kept += (long) queries * BLOCK_KEYS;
            } else if (state == PARTIAL) {
                for (int at = cell * queries; at < (cell + 1) * queries; at++) {
                    kept += Long.bitCount(words[at]);
                }
            }
        }
        return kept;
    }

    /** Returns the number of (row, key) pairs that the base permits. */
    public long baseKeys() {
        return baseKeys;
    }

    /** Removes every key of a row that is not set in {@code bits}, in one block. */
    public void retain(int head, int query, int block, long bits) {
        int cell = head * blocks + block;
        if (states[cell] == EMPTY || bits == ALL) {
            return;
        }
        materialise(cell);
        words[cell * queries + query] &= bits;
    }

    /** Removes the keys of a row that are set in {@code bits}, in one block. */
    public void remove(int head, int query, int block, long bits) {
        retain(head, query, block, ~bits);
    }

    /** Removes every key that is not set in {@code bits} from all rows of a head, in one block. */
    public void retainColumns(int head, int block, long bits) {
        if (bits == 0) {
            removeBlock(head, block);
            return;
        }
        int cell = head * blocks + block;
        if (states[cell] == EMPTY || bits == ALL) {
            return;
        }
        materialise(cell);
        for (int at = cell * queries; at < (cell + 1) * queries; at++) {
            words[at] &= bits;
        }
    }

    /** Removes a block from all rows of a head. */
    public void removeBlock(int head, int block) {
        states[head * blocks + block] = EMPTY;
    }

    /** Removes the blocks {@code fromBlock … toBlock−1} from all rows of a head. */
    public void removeBlocks(int head, int fromBlock, int toBlock) {
        if (fromBlock < toBlock) {
            Arrays.fill(states, head * blocks + fromBlock, head * blocks + toBlock, (byte) EMPTY);
        }
    }

    /** Removes the keys {@code fromKey … toKey−1} from all rows of a head; whole blocks cost one write each. */
    public void removeKeys(int head, int fromKey, int toKey) {
        int from = Math.max(fromKey, 0);
        int to = Math.min(toKey, keyCount);
        if (from >= to) {
            return;
        }
        int fromBlock = (from + BLOCK_KEYS - 1) / BLOCK_KEYS;
        int toBlock = to == keyCount ? blocks : to / BLOCK_KEYS;
        removeBlocks(head, fromBlock, toBlock);
        if (from % BLOCK_KEYS != 0) {
            int start = from - from % BLOCK_KEYS;
            retainColumns(head, from / BLOCK_KEYS, ~(lowBits(to - start) & ~lowBits(from - start)));
        }
        if (toBlock >= fromBlock && toBlock < blocks) {
            retainColumns(head, toBlock, ~lowBits(to - toBlock * BLOCK_KEYS));
        }
    }

    /** Removes the keys {@code fromKey … toKey−1} from a row. */
    public void removeRange(int head, int query, int fromKey, int toKey) {
        int from = Math.max(fromKey, 0);
        int to = Math.min(toKey, keyCount);
        for (int block = from / BLOCK_KEYS; block * BLOCK_KEYS < to; block++) {
            int start = block * BLOCK_KEYS;
            remove(head, query, block, lowBits(to - start) & ~lowBits(from - start));
        }
    }

    /** Removes all keys of a row outside {@code fromKey … toKey−1}. */
    public void retainRange(int head, int query, int fromKey, int toKey) {
        removeRange(head, query, 0, fromKey);
        removeRange(head, query, Math.max(toKey, 0), keyCount);
    }

    /**
     * Ends the refinement: computes the state of every cell and gives each row that keeps no key its own key back, unless the base is {@link MaskBase#CROSS}.
     */
    public void seal() {
        for (int head = 0; head < heads; head++) {
            boolean full = false;
            for (int block = 0; block < blocks; block++) {
                full |= state(head, block) == FULL;
            }
            if (!full && base != MaskBase.CROSS) {
                keepOwnKeys(head);
            }
        }
    }

    private void keepOwnKeys(int head) {
        for (int query = 0; query < queries; query++) {
            if (isRowEmpty(head, query)) {
                int own = firstPosition + query;
                int cell = head * blocks + own / BLOCK_KEYS;
                if (states[cell] == EMPTY) {
                    Arrays.fill(words, cell * queries, (cell + 1) * queries, 0);
                }
                words[cell * queries + query] |= 1L << (own % BLOCK_KEYS);
                refresh(cell);
            }
        }
    }

    private boolean isRowEmpty(int head, int query) {
        if (word(head, query, (firstPosition + query) / BLOCK_KEYS) != 0) {
            return false; // nearly every mask keeps a neighbour of the query
        }
        for (int block = 0; block < blocks; block++) {
            if (word(head, query, block) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Draws the mask for debugging: one line for each row, one character for each key ({@code #} kept, {@code .} not), a space between blocks. A mask of more
     * than {@value MaskDrawing#DRAWN_KEYS} keys gives one character for each block instead: {@code #} full, {@code +} partial, {@code .} empty.
     */
    @Override
    public String toString() {
        return MaskDrawing.draw(this);
    }

    /** Gives a FULL cell words, and marks the cell's state as unknown. */
    private void materialise(int cell) {
        if (states[cell] == FULL) {
            Arrays.fill(words, cell * queries, (cell + 1) * queries, ALL);
        }
        states[cell] = STALE;
    }

    private int refresh(int cell) {
        long union = 0;
        long intersection = ALL;
        for (int at = cell * queries; at < (cell + 1) * queries; at++) {
            union |= words[at];
            intersection &= words[at];
        }
        columns[cell] = union;
        byte state = (byte) (union == 0 ? EMPTY : intersection == ALL ? FULL : PARTIAL);
        states[cell] = state;
        return state;
    }
}
