package dev.winnow.cpu;

import dev.winnow.cpu.kernel.ByteScoreKernel;
import dev.winnow.cpu.kernel.ByteValueKernel;
import dev.winnow.cpu.kernel.GateKernel;
import dev.winnow.cpu.kernel.HalfScoreKernel;
import dev.winnow.cpu.kernel.HalfValueKernel;
import dev.winnow.cpu.kernel.PageReader;
import dev.winnow.cpu.kernel.RowTiles;
import dev.winnow.cpu.kernel.ScoreKernel;
import dev.winnow.cpu.kernel.SumKernel;
import dev.winnow.cpu.kernel.ValueKernel;
import dev.winnow.cpu.kernel.VectorSupport;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Flash attention for a tile of one or two query positions, as in the generation of a token, on one worker. Time goes into reading keys and values, so the rows
 * of all heads go through them together, four at a time, and what no row keeps is not read: keys by groups of 16, which stand together in a page, values one
 * by one. Four groups with a kept key, from whatever pages, make the 64 columns that scores and weights are computed for at a time.
 *
 * <p>Where whole pages follow each other, keys and values are read in the order of memory, which the processor's prefetchers follow by themselves. Scattered
 * groups they do not foresee, so these are fetched into the cache, four at a time, before the kernels work on them.
 */
final class FewQueriesAttention {

    /** With more queries the rows of one head fill the register tiles of {@link TileAttention}. */
    static final int MAX_QUERIES = 2;

    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final int GROUP = KeyValues.GROUP_KEYS;
    private static final int ROW_TILE = RowTiles.FEW;
    private static final long GROUP_BITS = (1L << GROUP) - 1;

    private final AttentionScratch scratch;
    private final PageTouch touch = new PageTouch();
    private KeySlots current = new KeySlots(); // in the cache, or on the way into it
    private KeySlots next = new KeySlots(); // being filled
    private long[] blockWords = new long[0]; // [rows], mask words of the block at hand
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

    /** Writes the result of the kept keys of some blocks to an accumulator; see {@link TileAttention#attend}. */
    void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, float skipBelow, AttentionAccumulator target) {
        this.skipBelow = skipBelow;
        KeyValues keyValues = tile.keyValues();
        scratch.prepare(tile, tile.positionCount());
        keyConversion = Conversion.of(keyValues.type());
        // Vectors that reach over the end of a value would reach over the end of the page, too.
        valueConversion = scratch.valueStride == scratch.valueDim ? keyConversion : Conversion.IN_MEMORY;
        scratch.loadQueries(tile, keyConversion == Conversion.OF_HALVES ? HalfScoreKernel.QUERY_FACTOR : 1, scratch.rows, ROW_TILE);
        float outputFactor = valueConversion == Conversion.OF_HALVES ? HalfValueKernel.OUTPUT_FACTOR : 1;
        scratch.clearState();
        if (blockWords.length < scratch.rows) {
            blockWords = new long[scratch.rows];
        }
        current.clear(scratch.rows);
        next.clear(scratch.rows);
        try {
            for (int block = firstBlock; block < endBlock; block++) {
                long union = union(mask, block);
                if (union != 0) {
                    addBlock(keyValues, mask, block, union);
                }
            }
            advance(keyValues);
            advance(keyValues);
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

    private boolean isFull(AttentionMask mask, int block) {
        for (int head = 0; head < scratch.heads; head++) {
            if (mask.state(head, block) != AttentionMask.FULL) {
                return false;
            }
        }
        return true;
    }

    /** Puts the groups of a block that have a kept key into slots. */
    private void addBlock(KeyValues keyValues, AttentionMask mask, int block, long union) {
        if (union == -1L && !next.isEmpty()) {
            advance(keyValues); // a whole page goes through the kernels faster than its groups one by one
        }
        if (isFull(mask, block)) {
            next.addPage(keyValues, block, scratch.heads * scratch.rowsPerHead);
            advance(keyValues);
            return;
        }
        for (int head = 0; head < scratch.heads; head++) {
            mask.copyWords(head, block, blockWords, head * scratch.rowsPerHead);
        }
        for (int group = 0; group < KeySlots.SLOTS; group++) {
            if ((union >>> (group * GROUP) & GROUP_BITS) != 0) {
                next.add(keyValues, block, group, blockWords, scratch.heads * scratch.rowsPerHead);
                if (next.isFull()) {
                    advance(keyValues);
                }
            }
        }
    }

    /** Works on the current slots while those that follow are fetched, which become the current ones. */
    private void advance(KeyValues keyValues) {
        if (!next.isWholePage()) {
            fetch(keyValues);
        }
        if (!current.isEmpty()) {
            attendSlots(keyValues);
        }
        KeySlots done = current;
        current = next;
        next = done;
        next.clear(scratch.rows);
    }

    private void fetch(KeyValues keyValues) {
        long live = next.live();
        for (int slot = 0; slot < next.filled(); slot++) {
            int toPage = next.group(slot) * GROUP;
            touch.touchKeys(keyValues.type(), next.keyPage(slot), scratch.keyDim, next.group(slot));
            touch.touchValues(keyValues.type(), next.valuePage(slot), scratch.valueDim, (live >>> (slot * GROUP) & GROUP_BITS) << toPage);
        }
    }

    /** Adds the keys in the current slots to the state of all rows. */
    private void attendSlots(KeyValues keyValues) {
        convertKeys(keyValues);
        convertValues(keyValues);
        int rows = scratch.heads * scratch.rowsPerHead;
        for (int row = 0; row < rows; row += ROW_TILE) {
            attendRows(row, Math.min(ROW_TILE, rows - row));
        }
    }

    private void convertKeys(KeyValues keyValues) {
        for (int slot = 0; slot < current.filled(); slot++) {
            MemorySegment page = current.keyPage(slot);
            int group = current.group(slot);
            switch (keyConversion) {
                case OF_BYTES -> PageReader.readScales(page, scratch.keyDim, group, scratch.keyScales,
                        slot * GROUP * KeyValues.scaleGroups(scratch.keyDim));
                case IN_MEMORY -> PageReader.readKeys(keyValues.type(), page, scratch.keyDim, group, group + 1, scratch.keys,
                        slot * GROUP * scratch.keyDim);
                case OF_HALVES -> {
                }
            }
        }
    }

    private void convertValues(KeyValues keyValues) {
        switch (valueConversion) {
            case OF_BYTES -> {
                for (int slot = 0; slot < current.filled(); slot++) {
                    PageReader.readScales(current.valuePage(slot), scratch.valueDim, current.group(slot), scratch.valueScales,
                            slot * GROUP * KeyValues.scaleGroups(scratch.valueDim));
                }
            }
            case IN_MEMORY -> convertLiveValues(keyValues);
            case OF_HALVES -> {
            }
        }
    }

    private void convertLiveValues(KeyValues keyValues) {
        long live = current.live();
        int end;
        for (int column = LiveKeys.next(live, 0); column < BLOCK; column = LiveKeys.next(live, end)) {
            int slot = column / GROUP;
            end = Math.min(LiveKeys.endOfRun(live, column), (slot + 1) * GROUP);
            int toPage = (current.group(slot) - slot) * GROUP; // from a column to the key's number in its page
            PageReader.readValues(keyValues.type(), current.valuePage(slot), scratch.valueDim, column + toPage, end + toPage,
                    scratch.values, column * scratch.valueDim);
        }
    }

    /** Adds the keys in the current slots to the state of up to four rows. */
    private void attendRows(int row, int count) {
        long live = current.live(row, count);
        if (live == 0) {
            return;
        }
        computeScores(row, count, live);
        if (scratch.softcap != 0) {
            GateKernel.softcap(scratch.scores, 0, count * BLOCK, scratch.softcap);
        }
        if (scratch.findMaxima(row, count, current.words(), row, current.isPartial(), skipBelow)) {
            return;
        }
        scratch.weigh(row, count);
        if (valueConversion == Conversion.OF_HALVES) {
            SumKernel.scale(scratch.scores, 0, count * BLOCK, HalfValueKernel.WEIGHT_FACTOR);
        }
        addValues(row, count, live);
    }

    private void computeScores(int row, int count, long live) {
        int queryAt = row * scratch.keyDim;
        if (keyConversion == Conversion.IN_MEMORY) {
            ScoreKernel.multiplyLive(scratch.scaledQueries, queryAt, scratch.keys, live, scratch.keyDim, scratch.scores);
        }
        for (int slot = 0; slot < current.filled(); slot++) {
            if ((live >>> (slot * GROUP) & GROUP_BITS) != 0) {
                computedKeys += GROUP;
                computeGroupScores(queryAt, count, slot);
            }
        }
    }

    private void computeGroupScores(int queryAt, int count, int slot) {
        MemorySegment page = current.keyPage(slot);
        int group = current.group(slot);
        switch (keyConversion) {
            case OF_HALVES ->
                HalfScoreKernel.multiplyGroup(page, group, scratch.scaledQueries, queryAt, scratch.keyDim, count, scratch.scores,
                        slot * GROUP);
            case OF_BYTES ->
                ByteScoreKernel.multiplyGroup(page, group, scratch.keyScales, scratch.scaledQueries, queryAt, scratch.keyDim, count,
                        scratch.scores, slot * GROUP);
            case IN_MEMORY -> {
            }
        }
    }

    private void addValues(int row, int count, long live) {
        // Neighbouring columns are neighbours in memory.
        boolean together = current.isWholePage() || valueConversion == Conversion.IN_MEMORY;
        int end;
        for (int column = LiveKeys.next(live, 0); column < BLOCK; column = LiveKeys.next(live, end)) {
            int slot = column / GROUP;
            end = LiveKeys.endOfRun(live, column);
            end = together ? end : Math.min(end, (slot + 1) * GROUP);
            addValues(row, count, column, end, slot);
        }
    }

    private void addValues(int row, int count, int column, int end, int slot) {
        int outAt = row * scratch.valueStride;
        int dim = scratch.valueDim;
        int key = current.group(slot) * GROUP + column % GROUP;
        int toKey = key + end - column;
        MemorySegment page = current.valuePage(slot);
        switch (valueConversion) {
            case OF_HALVES -> HalfValueKernel.multiply(page, key, toKey, dim, count, scratch.scores, column, scratch.outputs, outAt);
            case OF_BYTES ->
                ByteValueKernel.multiply(page, scratch.valueScales, key, toKey, dim, count, scratch.scores, column, scratch.outputs,
                        outAt);
            case IN_MEMORY -> ValueKernel.multiply(scratch.scores, column, ROW_TILE, end - column, scratch.values, column * dim, dim,
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
