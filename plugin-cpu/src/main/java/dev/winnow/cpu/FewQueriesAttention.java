package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * Flash attention for a tile of one or two query positions, as in the generation of a token, on one worker. Time goes into reading keys and values, so the rows
 * of all heads go through them together, four at a time, and what no row keeps is not read: keys by groups of 16, which stand together in a page, values one
 * by one. Four groups with a kept key, from whatever pages, make the 64 columns that scores and weights are computed for at a time.
 */
final class FewQueriesAttention {

    /** With more queries the rows of one head fill the register tiles of {@link TileAttention}. */
    static final int MAX_QUERIES = 2;

    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int ROW_TILE = AttentionScratch.ROW_TILE;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    private static final int SLOTS = BLOCK / GROUP;

    private final AttentionScratch scratch;
    private final NativePages touchedPages = new NativePages();
    private final PageTouch touch = new PageTouch();
    private final NativePages[] pages = new NativePages[SLOTS]; // taken in turn: the slots never hold groups of more blocks than there are slots
    private int nextPages;
    private final MemorySegment[] keyPages = new MemorySegment[SLOTS];
    private final MemorySegment[] valuePages = new MemorySegment[SLOTS];
    private final int[] groups = new int[SLOTS]; // number in its page of the group in a slot
    private int firstBlock; // number of the block of the group in the first slot
    private int filled; // slots
    private boolean partial; // whether a row does not keep all keys of the filled slots
    private boolean wholePage; // whether the slots hold the groups of one page in order
    private long[] blockWords = new long[0]; // [rows], mask words of the block at hand
    private Conversion keyConversion = Conversion.IN_MEMORY;
    private Conversion valueConversion = Conversion.IN_MEMORY;
    private float skipBelow;
    private long computedKeys;

    FewQueriesAttention(AttentionScratch scratch) {
        this.scratch = scratch;
        Arrays.setAll(pages, slot -> new NativePages());
        Arrays.fill(keyPages, MemorySegment.NULL);
        Arrays.fill(valuePages, MemorySegment.NULL);
    }

    /** Returns the number of (four rows, key) pairs whose scores were computed since the start. */
    long computedKeys() {
        return computedKeys;
    }

    /** Adds the kept keys of some blocks to an accumulator; see {@link TileAttention#attend}. */
    void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, float skipBelow, AttentionAccumulator target) {
        this.skipBelow = skipBelow;
        KeyValues keyValues = tile.keyValues();
        scratch.prepare(tile, tile.positionCount());
        keyConversion = Conversion.of(keyValues.type());
        // Vectors that reach over the end of a value would reach over the end of the page, too.
        valueConversion = scratch.valueStride == scratch.valueDim ? keyConversion : Conversion.IN_MEMORY;
        scratch.loadQueries(tile, keyConversion == Conversion.OF_HALVES ? HalfScoreKernel.QUERY_FACTOR : 1);
        float outputFactor = valueConversion == Conversion.OF_HALVES ? HalfValueKernel.OUTPUT_FACTOR : 1;
        scratch.loadState(target, 1 / outputFactor);
        if (blockWords.length < scratch.rows) {
            blockWords = new long[scratch.rows];
        }
        clearSlots();
        try {
            int touched = firstBlock;
            for (int block = firstBlock; block < endBlock; block++) {
                if (block == touched) {
                    touched = touchBatch(keyValues, mask, block, endBlock);
                }
                long union = union(mask, block);
                if (union != 0) {
                    addBlock(keyValues, mask, block, union);
                }
            }
            attendSlots();
        } finally {
            Reference.reachabilityFence(keyValues); // kernels hold addresses only
        }
        scratch.storeState(target, outputFactor);
    }

    /** Returns the keys of a block that any row keeps. */
    private long union(AttentionMask mask, int block) {
        long union = 0;
        for (int head = 0; head < scratch.heads; head++) {
            union |= mask.columns(head, block);
        }
        return union;
    }

    /** Touches what is going to be read of the next blocks; returns the first block that is left for later. */
    private int touchBatch(KeyValues keyValues, AttentionMask mask, int firstBlock, int endBlock) {
        int block = firstBlock;
        for (int bytes = 0; block < endBlock && bytes < PageTouch.BATCH_BYTES; block++) {
            long union = union(mask, block);
            if (union != 0) {
                bytes += touch.touchKeys(keyValues.type(), touchedPages.keys(keyValues, block), scratch.keyDim, union);
                bytes += touch.touchValues(keyValues.type(), touchedPages.values(keyValues, block), scratch.valueDim, union);
            }
        }
        return block;
    }

    private void clearSlots() {
        filled = 0;
        partial = false;
        wholePage = true;
        Arrays.fill(scratch.words, 0, scratch.rows, 0);
    }

    /** Puts the groups of a block that have a kept key into slots. */
    private void addBlock(KeyValues keyValues, AttentionMask mask, int block, long union) {
        if (union == -1L && filled > 0) {
            attendSlots(); // a whole page goes through the kernels faster than its groups one by one
        }
        for (int head = 0; head < scratch.heads; head++) {
            mask.copyWords(head, block, blockWords, head * scratch.rowsPerHead);
        }
        NativePages own = pages[nextPages];
        nextPages = (nextPages + 1) % SLOTS;
        MemorySegment keyPage = own.keys(keyValues, block);
        MemorySegment valuePage = own.values(keyValues, block);
        for (int group = 0; group < SLOTS; group++) {
            if ((union >>> (group * GROUP) & GROUP_BITS) != 0) {
                addGroup(keyValues.type(), keyPage, valuePage, block, group);
                if (filled == SLOTS) {
                    attendSlots();
                }
            }
        }
    }

    private void addGroup(KvType type, MemorySegment keyPage, MemorySegment valuePage, int block, int group) {
        int slot = filled++;
        groups[slot] = group;
        keyPages[slot] = keyPage;
        valuePages[slot] = valuePage;
        firstBlock = slot == 0 ? block : firstBlock;
        wholePage &= group == slot && block == firstBlock;
        for (int row = 0; row < scratch.heads * scratch.rowsPerHead; row++) {
            long kept = blockWords[row] >>> (group * GROUP) & GROUP_BITS;
            partial |= kept != GROUP_BITS;
            scratch.words[row] |= kept << (slot * GROUP);
        }
        switch (keyConversion) {
            case OF_BYTES -> PageReader.readScales(keyPage, scratch.keyDim, group, scratch.keyScales,
                    slot * GROUP * KeyValues.scaleGroups(scratch.keyDim));
            case IN_MEMORY ->
                PageReader.readKeys(type, keyPage, scratch.keyDim, group, group + 1, scratch.keys,
                        slot * GROUP * scratch.keyDim);
            case OF_HALVES -> {
            }
        }
        switch (valueConversion) {
            case OF_BYTES -> PageReader.readScales(valuePage, scratch.valueDim, group, scratch.valueScales,
                    slot * GROUP * KeyValues.scaleGroups(scratch.valueDim));
            case IN_MEMORY -> convertValues(type, slot);
            case OF_HALVES -> {
            }
        }
    }

    private void convertValues(KvType type, int slot) {
        long live = 0;
        for (int row = 0; row < scratch.rows; row++) {
            live |= scratch.words[row];
        }
        int shift = slot * GROUP - groups[slot] * GROUP; // from a key's number in its page to its column
        int end;
        for (int column = LiveKeys.next(live, slot * GROUP); column < BLOCK; column = LiveKeys.next(live, end)) {
            end = LiveKeys.endOfRun(live, column);
            PageReader.readValues(type, valuePages[slot], scratch.valueDim, column - shift, end - shift, scratch.values,
                    column * scratch.valueDim);
        }
    }

    /** Adds the keys in the slots to the state of all rows, and empties the slots. */
    private void attendSlots() {
        if (filled > 0) {
            int rows = scratch.heads * scratch.rowsPerHead;
            for (int row = 0; row < rows; row += ROW_TILE) {
                attendRows(row, Math.min(ROW_TILE, rows - row));
            }
            clearSlots();
        }
    }

    /** Adds the keys in the slots to the state of up to four rows. */
    private void attendRows(int row, int count) {
        long live = 0;
        for (int i = row; i < row + count; i++) {
            live |= scratch.words[i];
        }
        if (live == 0) {
            return;
        }
        computeScores(row, live);
        if (scratch.softcap != 0) {
            GateKernel.softcap(scratch.scores, 0, count * BLOCK, scratch.softcap);
        }
        if (scratch.findMaxima(row, count, scratch.words, row, partial || filled < SLOTS, skipBelow)) {
            return;
        }
        scratch.weigh(row, count);
        if (valueConversion == Conversion.OF_HALVES) {
            SumKernel.scale(scratch.scores, 0, count * BLOCK, HalfValueKernel.WEIGHT_FACTOR);
        }
        addValues(row, live);
    }

    private void computeScores(int row, long live) {
        int queryAt = row * scratch.keyDim;
        int dim = scratch.keyDim;
        if (keyConversion == Conversion.IN_MEMORY) {
            ScoreKernel.multiplyLive(scratch.scaledQueries, queryAt, scratch.keys, live, dim, scratch.scores);
        } else if (wholePage && live == -1L) {
            switch (keyConversion) {
                case OF_BYTES ->
                    ByteScoreKernel.multiplyPage(keyPages[0], scratch.keyScales, scratch.scaledQueries, queryAt, dim, scratch.scores);
                default -> HalfScoreKernel.multiplyPage(keyPages[0], scratch.scaledQueries, queryAt, dim, scratch.scores);
            }
        } else {
            for (int slot = 0; slot < filled; slot++) {
                if ((live >>> (slot * GROUP) & GROUP_BITS) != 0) {
                    computeScores(queryAt, slot);
                }
            }
        }
        for (int slot = 0; slot < filled; slot++) {
            computedKeys += (live >>> (slot * GROUP) & GROUP_BITS) != 0 ? GROUP : 0;
        }
    }

    private void computeScores(int queryAt, int slot) {
        int column = slot * GROUP;
        switch (keyConversion) {
            case OF_BYTES -> ByteScoreKernel.multiplyGroup(keyPages[slot], groups[slot], scratch.keyScales, scratch.scaledQueries, queryAt,
                    scratch.keyDim, scratch.scores, column);
            default -> HalfScoreKernel.multiplyGroup(keyPages[slot], groups[slot], scratch.scaledQueries, queryAt, scratch.keyDim,
                    scratch.scores, column);
        }
    }

    private void addValues(int row, long live) {
        boolean together = wholePage || valueConversion == Conversion.IN_MEMORY; // neighbouring columns are neighbours in memory
        int end;
        for (int column = LiveKeys.next(live, 0); column < BLOCK; column = LiveKeys.next(live, end)) {
            int slot = column / GROUP;
            end = LiveKeys.endOfRun(live, column);
            end = together ? end : Math.min(end, (slot + 1) * GROUP);
            addValues(row, column, end, slot);
        }
    }

    private void addValues(int row, int column, int end, int slot) {
        int outAt = row * scratch.valueStride;
        int dim = scratch.valueDim;
        int key = groups[slot] * GROUP + column % GROUP;
        int count = end - column;
        switch (valueConversion) {
            case OF_HALVES ->
                HalfValueKernel.multiply(valuePages[slot], key, key + count, dim, scratch.scores, column, scratch.outputs, outAt);
            case OF_BYTES -> ByteValueKernel.multiply(valuePages[slot], scratch.valueScales, key, key + count, dim, scratch.scores, column,
                    scratch.outputs, outAt);
            case IN_MEMORY -> ValueKernel.multiply(scratch.scores, column, ROW_TILE, count, scratch.values, column * dim, dim,
                    scratch.outputs, outAt, scratch.valueStride);
        }
    }

    /** How elements of a page become F32. */
    private enum Conversion {
        /** F16 in registers. */
        OF_HALVES,
        /** Q8_0 in registers. */
        OF_BYTES,
        /** By {@link PageReader}, to a copy in F32. */
        IN_MEMORY;

        static Conversion of(KvType type) {
            return switch (type) {
                case F16 -> OF_HALVES;
                case Q8_0 -> VectorSupport.LANES >= 8 ? OF_BYTES : IN_MEMORY;
                case F32 -> IN_MEMORY;
            };
        }
    }
}
