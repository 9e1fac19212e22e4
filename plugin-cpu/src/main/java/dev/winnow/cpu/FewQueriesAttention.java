package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Flash attention for a tile of one or two query positions, as in the generation of a token, on one worker. Time goes into reading keys and values, so the rows
 * of all heads go through a page together, four at a time, and what no row keeps is not read: keys by groups of 16, which stand together in a page, values one
 * by one.
 */
final class FewQueriesAttention {

    /** With more queries the rows of one head fill the register tiles of {@link TileAttention}. */
    static final int MAX_QUERIES = 2;

    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int ROW_TILE = AttentionScratch.ROW_TILE;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    private final AttentionScratch scratch;
    private final NativePages pages = new NativePages();
    private final PageTouch touch = new PageTouch();
    private Conversion keyConversion = Conversion.IN_MEMORY;
    private Conversion valueConversion = Conversion.IN_MEMORY;
    private float skipBelow;
    private long computedKeys;

    FewQueriesAttention(AttentionScratch scratch) {
        this.scratch = scratch;
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
        try {
            int touched = firstBlock;
            for (int block = firstBlock; block < endBlock; block++) {
                if (block == touched) {
                    touched = touchBatch(keyValues, mask, block, endBlock);
                }
                long union = union(mask, block);
                if (union != 0) {
                    attendBlock(keyValues, mask, block, union);
                }
            }
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
                bytes += touch.touchKeys(keyValues.type(), pages.keys(keyValues, block), scratch.keyDim, union);
                bytes += touch.touchValues(keyValues.type(), pages.values(keyValues, block), scratch.valueDim, union);
            }
        }
        return block;
    }

    private void attendBlock(KeyValues keyValues, AttentionMask mask, int block, long union) {
        boolean full = true;
        for (int head = 0; head < scratch.heads; head++) {
            full &= mask.state(head, block) == AttentionMask.FULL;
        }
        for (int head = 0; head < scratch.heads && !full; head++) {
            mask.copyWords(head, block, scratch.words, head * scratch.rowsPerHead);
        }
        MemorySegment keyPage = pages.keys(keyValues, block);
        MemorySegment valuePage = pages.values(keyValues, block);
        switch (keyConversion) {
            case IN_MEMORY -> convertKeys(keyValues.type(), keyPage, union);
            case OF_BYTES -> PageReader.readScales(keyPage, scratch.keyDim, scratch.keyScales);
            case OF_HALVES -> {
            }
        }
        switch (valueConversion) {
            case IN_MEMORY -> convertValues(keyValues.type(), valuePage, union);
            case OF_BYTES -> PageReader.readScales(valuePage, scratch.valueDim, scratch.valueScales);
            case OF_HALVES -> {
            }
        }
        int rows = scratch.heads * scratch.rowsPerHead;
        for (int row = 0; row < rows; row += ROW_TILE) {
            int count = Math.min(ROW_TILE, rows - row);
            long live = full ? -1L : 0;
            for (int i = row; i < row + count && !full; i++) {
                live |= scratch.words[i];
            }
            if (live != 0) {
                attendRows(row, count, live, full, keyPage, valuePage);
            }
        }
    }

    private void convertKeys(KvType type, MemorySegment page, long live) {
        for (int group = 0; group < BLOCK / GROUP; group++) {
            if ((live >>> (group * GROUP) & GROUP_BITS) != 0) {
                PageReader.readKeys(type, page, scratch.keyDim, group, group + 1, scratch.keys, group * GROUP * scratch.keyDim);
            }
        }
    }

    private void convertValues(KvType type, MemorySegment page, long live) {
        int end;
        for (int key = LiveKeys.next(live, 0); key < BLOCK; key = LiveKeys.next(live, end)) {
            end = LiveKeys.endOfRun(live, key);
            PageReader.readValues(type, page, scratch.valueDim, key, end, scratch.values, key * scratch.valueDim);
        }
    }

    /** Adds the live keys of a block to the state of up to four rows. */
    private void attendRows(int row, int count, long live, boolean full, MemorySegment keyPage, MemorySegment valuePage) {
        computeScores(row, live, keyPage);
        if (scratch.softcap != 0) {
            GateKernel.softcap(scratch.scores, 0, count * BLOCK, scratch.softcap);
        }
        if (scratch.findMaxima(row, count, scratch.words, row, !full, skipBelow)) {
            return;
        }
        scratch.weigh(row, count);
        if (valueConversion == Conversion.OF_HALVES) {
            SumKernel.scale(scratch.scores, 0, count * BLOCK, HalfValueKernel.WEIGHT_FACTOR);
        }
        int end;
        for (int key = LiveKeys.next(live, 0); key < BLOCK; key = LiveKeys.next(live, end)) {
            end = LiveKeys.endOfRun(live, key);
            addValues(row, key, end, valuePage);
        }
    }

    private void computeScores(int row, long live, MemorySegment page) {
        int queryAt = row * scratch.keyDim;
        switch (keyConversion) {
            case OF_HALVES -> HalfScoreKernel.multiply(page, live, scratch.scaledQueries, queryAt, scratch.keyDim, scratch.scores);
            case OF_BYTES -> ByteScoreKernel.multiply(page, scratch.keyScales, live, scratch.scaledQueries, queryAt, scratch.keyDim,
                    scratch.scores);
            case IN_MEMORY -> ScoreKernel.multiplyLive(scratch.scaledQueries, queryAt, scratch.keys, live, scratch.keyDim, scratch.scores);
        }
        for (int group = 0; group < BLOCK / GROUP; group++) {
            computedKeys += (live >>> (group * GROUP) & GROUP_BITS) != 0 ? GROUP : 0;
        }
    }

    private void addValues(int row, int from, int to, MemorySegment page) {
        int outAt = row * scratch.valueStride;
        int dim = scratch.valueDim;
        switch (valueConversion) {
            case OF_HALVES -> HalfValueKernel.multiply(page, from, to, dim, scratch.scores, scratch.outputs, outAt);
            case OF_BYTES -> ByteValueKernel.multiply(page, scratch.valueScales, from, to, dim, scratch.scores, scratch.outputs, outAt);
            case IN_MEMORY ->
                ValueKernel.multiply(scratch.scores, from, ROW_TILE, to - from, scratch.values, from * dim, dim, scratch.outputs,
                        outAt, scratch.valueStride);
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
