package dev.winnow.cpu;

import dev.winnow.cpu.kernel.GateKernel;
import dev.winnow.cpu.kernel.PageReader;
import dev.winnow.cpu.kernel.RowTiles;
import dev.winnow.cpu.kernel.ScoreKernel;
import dev.winnow.cpu.kernel.ValueKernel;
import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * Flash attention (Dao et al. 2022) for a tile of many queries, on one worker. Blocks of keys outside, heads inside: what is read of a page is converted to
 * F32 once for all heads. A block of which a head keeps few keys is not computed for that head; its live keys are gathered with those of other blocks until
 * they fill a dense block, so that the cost follows the number of live keys whatever their pattern.
 */
final class TileAttention {

    private static final int BLOCK = AttentionScratch.BLOCK;

    /** A cell with at most this many live keys is gathered: copying a key costs about a quarter of computing with it. */
    private static final int GATHER_MAX = 48;

    private final AttentionScratch scratch;
    private final NativePages pages = new NativePages();
    private final GatheredBlock shared = new GatheredBlock();
    private GatheredBlock[] ofHead = new GatheredBlock[0]; // [heads]
    private float skipBelow;
    private long computedKeys;

    TileAttention(AttentionScratch scratch) {
        this.scratch = scratch;
    }

    /** Returns the number of (head, key) pairs that were computed since the start, each with all rows of a tile. */
    long computedKeys() {
        return computedKeys;
    }

    /**
     * Writes the result of the kept keys of some blocks to an accumulator; see {@link dev.winnow.spi.AttentionBackend#attend}.
     *
     * @param skipBelow a block is left out if all its scores are smaller than the row's largest so far by this many units of log2; −∞ for never
     */
    void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, float skipBelow, AttentionAccumulator target) {
        this.skipBelow = skipBelow;
        KeyValues keyValues = tile.keyValues();
        scratch.prepare(tile, RowTiles.roundUp(tile.positionCount()));
        shared.prepare(scratch.rows, scratch.keyDim, scratch.valueDim);
        if (ofHead.length < scratch.heads) {
            ofHead = new GatheredBlock[scratch.heads];
            Arrays.setAll(ofHead, head -> new GatheredBlock());
        }
        for (int head = 0; head < scratch.heads; head++) {
            ofHead[head].prepare(scratch.rowsPerHead, scratch.keyDim, scratch.valueDim);
        }
        scratch.loadQueries(tile, 1, scratch.rowsPerHead, RowTiles.MOST);
        scratch.clearState();
        try {
            for (int block = firstBlock; block < endBlock; block++) {
                attendBlock(keyValues, mask, block);
            }
        } finally {
            Reference.reachabilityFence(keyValues); // kernels hold addresses only
        }
        flushShared();
        for (int head = 0; head < scratch.heads; head++) {
            flush(head);
        }
        scratch.storeState(target, 1);
    }

    private void attendBlock(KeyValues keyValues, AttentionMask mask, int block) {
        boolean dense = false;
        long union = 0;
        int live = 0;
        for (int head = 0; head < scratch.heads; head++) {
            long columns = mask.columns(head, block);
            if (isSparse(columns)) {
                union |= columns;
                live += Long.bitCount(columns);
            } else {
                dense = true;
            }
        }
        if (!dense && union == 0) {
            return;
        }
        MemorySegment keyPage = pages.keys(keyValues, block);
        MemorySegment valuePage = pages.values(keyValues, block);
        if (dense) {
            PageReader.readKeys(keyValues.type(), keyPage, scratch.keyDim, 0, BLOCK / KeyValues.GROUP_KEYS, scratch.keys, 0);
            PageReader.readValues(keyValues.type(), valuePage, scratch.valueDim, 0, BLOCK, scratch.values, 0);
            for (int head = 0; head < scratch.heads; head++) {
                if (!isSparse(mask.columns(head, block))) {
                    boolean full = mask.state(head, block) == AttentionMask.FULL;
                    if (!full) {
                        mask.copyWords(head, block, scratch.words, 0);
                    }
                    compute(head, scratch.keys, scratch.values, BLOCK, scratch.words, 0, !full);
                }
            }
        }
        // Heads that keep (nearly) the same keys share the copies; three quarters bound what is computed in vain.
        if (4 * live >= 3 * scratch.heads * Long.bitCount(union)) {
            gatherShared(keyValues, mask, block, union, keyPage, valuePage);
        } else {
            for (int head = 0; head < scratch.heads; head++) {
                long columns = mask.columns(head, block);
                if (isSparse(columns)) {
                    gather(keyValues, mask, head, block, columns, keyPage, valuePage);
                }
            }
        }
    }

    private static boolean isSparse(long columns) {
        return Long.bitCount(columns) <= GATHER_MAX;
    }

    private void gatherShared(KeyValues keyValues, AttentionMask mask, int block, long columns, MemorySegment keyPage,
            MemorySegment valuePage) {
        for (long rest = columns; rest != 0;) {
            long fitting = shared.fitting(rest);
            for (int head = 0; head < scratch.heads; head++) {
                mask.copyWords(head, block, scratch.words, 0);
                for (int query = 0; query < scratch.queries; query++) {
                    shared.addWord(head * scratch.rowsPerHead + query, scratch.words[query], fitting);
                }
            }
            shared.append(keyValues.type(), keyPage, valuePage, scratch.keyDim, scratch.valueDim, fitting, scratch.group);
            rest &= ~fitting;
            if (shared.count() == BLOCK) {
                flushShared();
            }
        }
    }

    private void gather(KeyValues keyValues, AttentionMask mask, int head, int block, long columns, MemorySegment keyPage,
            MemorySegment valuePage) {
        mask.copyWords(head, block, scratch.words, 0);
        GatheredBlock gathered = ofHead[head];
        for (long rest = columns; rest != 0;) {
            long fitting = gathered.fitting(rest);
            for (int query = 0; query < scratch.queries; query++) {
                gathered.addWord(query, scratch.words[query], fitting);
            }
            gathered.append(keyValues.type(), keyPage, valuePage, scratch.keyDim, scratch.valueDim, fitting, scratch.group);
            rest &= ~fitting;
            if (gathered.count() == BLOCK) {
                flush(head);
            }
        }
    }

    private void flushShared() {
        if (shared.count() > 0) {
            for (int head = 0; head < scratch.heads; head++) {
                compute(head, shared.keys, shared.values, shared.count(), shared.words, head * scratch.rowsPerHead, true);
            }
            shared.clear();
        }
    }

    private void flush(int head) {
        GatheredBlock gathered = ofHead[head];
        if (gathered.count() > 0) {
            compute(head, gathered.keys, gathered.values, gathered.count(), gathered.words, 0, true);
            gathered.clear();
        }
    }

    /**
     * Adds a block to the state of a head's rows.
     *
     * @param keys   [4 groups][keyDim][16]
     * @param values [count][valueDim]
     * @param words  [rowsPerHead] at {@code wordAt}, no bit set at and above {@code count}
     * @param masked whether the words say anything: without, every row keeps all keys
     */
    private void compute(int head, float[] keys, float[] values, int count, long[] words, int wordAt, boolean masked) {
        computedKeys += count;
        int firstRow = head * scratch.rowsPerHead;
        ScoreKernel.multiply(scratch.scaledQueries, firstRow * scratch.keyDim, scratch.rowsPerHead, keys, scratch.keyDim, scratch.scores);
        if (scratch.softcap != 0) {
            GateKernel.softcap(scratch.scores, 0, scratch.queries * BLOCK, scratch.softcap);
        }
        if (scratch.findMaxima(firstRow, scratch.queries, words, wordAt, masked, skipBelow)) {
            return;
        }
        scratch.weigh(firstRow, scratch.queries);
        ValueKernel.multiply(scratch.scores, 0, scratch.rowsPerHead, count, values, 0, scratch.valueDim, scratch.outputs,
                firstRow * scratch.valueStride,
                scratch.valueStride);
    }
}
