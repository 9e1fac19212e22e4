package dev.winnow.cpu;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Flash attention (Dao et al. 2022) for a tile of many queries, on one worker. Blocks of keys outside, heads inside: what is read of a page is converted to
 * F32 once for all heads. A block of which a head keeps few keys is not computed for that head; its live keys are gathered with those of other blocks until
 * they fill a dense block, so that the cost follows the number of live keys whatever their pattern.
 */
final class TileAttention {

    private static final int BLOCK = AttentionScratch.BLOCK;
    private static final int LANES = VectorSupport.LANES;
    private static final double LN_2 = Math.log(2);
    private static final double LOG2_E = 1 / LN_2;

    /** A cell with at most this many live keys is gathered: copying a key costs about a quarter of computing with it. */
    private static final int GATHER_MAX = 48;

    private final AttentionScratch scratch;
    private final NativePages pages = new NativePages();
    private final GatheredBlock shared = new GatheredBlock();
    private GatheredBlock[] ofHead = new GatheredBlock[0]; // [heads]
    private float softcap;
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
     * Adds the kept keys of some blocks to an accumulator; see {@link dev.winnow.spi.AttentionBackend#attend}.
     *
     * @param skipBelow a block is left out if all its scores are smaller than the row's largest so far by this many units of log2; −∞ for never
     */
    void attend(AttentionTile tile, AttentionMask mask, int firstBlock, int endBlock, float skipBelow, AttentionAccumulator target) {
        this.skipBelow = skipBelow;
        KeyValues keyValues = tile.keyValues();
        scratch.prepare(tile.headCount(), tile.positionCount(), keyValues.keyDim(), keyValues.valueDim());
        shared.prepare(scratch.heads * scratch.rows, scratch.keyDim, scratch.valueDim);
        if (ofHead.length < scratch.heads) {
            ofHead = new GatheredBlock[scratch.heads];
            Arrays.setAll(ofHead, head -> new GatheredBlock());
        }
        for (int head = 0; head < scratch.heads; head++) {
            ofHead[head].prepare(scratch.rows, scratch.keyDim, scratch.valueDim);
        }
        loadQueries(tile);
        loadState(target);
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
        storeState(target);
    }

    /** Copies the queries, multiplied by everything that a score is multiplied by. */
    private void loadQueries(AttentionTile tile) {
        LayerSpec.Attention attention = tile.layer().attention();
        double factor = attention.scale() * LOG2_E;
        softcap = 0;
        if (attention.softcap() != 0) {
            softcap = (float) (attention.softcap() * LOG2_E);
        }
        int keyDim = scratch.keyDim;
        for (int head = 0; head < scratch.heads; head++) {
            int at = head * scratch.rows * keyDim;
            for (int query = 0; query < scratch.queries; query++) {
                int from = tile.queryOffset(head, query);
                for (int c = 0; c < keyDim; c++) {
                    scratch.scaledQueries[at + query * keyDim + c] = tile.queries()[from + c] * (float) factor;
                }
            }
            Arrays.fill(scratch.scaledQueries, at + scratch.queries * keyDim, at + scratch.rows * keyDim, 0);
        }
    }

    private void loadState(AttentionAccumulator source) {
        Arrays.fill(scratch.sums, 0, scratch.heads * scratch.rows * LANES, 0);
        Arrays.fill(scratch.outputs, 0, scratch.heads * scratch.rows * scratch.valueStride, 0);
        for (int head = 0; head < scratch.heads; head++) {
            for (int query = 0; query < scratch.queries; query++) {
                int from = head * scratch.queries + query;
                int to = head * scratch.rows + query;
                scratch.max[to] = (float) (source.max()[from] * LOG2_E);
                scratch.sums[to * LANES] = source.sum()[from];
                System.arraycopy(source.values(), from * scratch.valueDim, scratch.outputs, to * scratch.valueStride, scratch.valueDim);
            }
        }
    }

    private void storeState(AttentionAccumulator target) {
        for (int head = 0; head < scratch.heads; head++) {
            for (int query = 0; query < scratch.queries; query++) {
                int from = head * scratch.rows + query;
                int to = head * scratch.queries + query;
                target.max()[to] = (float) (scratch.max[from] * LN_2);
                // Lane by lane: the Vector API leaves the order of a sum over lanes open, and with it the last bits.
                float sum = 0;
                for (int lane = 0; lane < LANES; lane++) {
                    sum += scratch.sums[from * LANES + lane];
                }
                target.sum()[to] = sum;
                System.arraycopy(scratch.outputs, from * scratch.valueStride, target.values(), to * scratch.valueDim, scratch.valueDim);
            }
        }
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
                    compute(head, scratch.keys, scratch.values, BLOCK, full ? null : scratch.words, 0);
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
                    shared.addWord(head * scratch.rows + query, scratch.words[query], fitting);
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
                compute(head, shared.keys, shared.values, shared.count(), shared.words, head * scratch.rows);
            }
            shared.clear();
        }
    }

    private void flush(int head) {
        GatheredBlock gathered = ofHead[head];
        if (gathered.count() > 0) {
            compute(head, gathered.keys, gathered.values, gathered.count(), gathered.words, 0);
            gathered.clear();
        }
    }

    /**
     * Adds a block to the state of a head's rows.
     *
     * @param keys   [4 groups][keyDim][16]
     * @param values [count][valueDim]
     * @param words  [rows] at {@code wordAt}, no bit set at and above {@code count}; null if every row keeps all keys
     */
    private void compute(int head, float[] keys, float[] values, int count, long @Nullable [] words, int wordAt) {
        computedKeys += count;
        float[] scores = scratch.scores;
        int firstRow = head * scratch.rows;
        ScoreKernel.multiply(scratch.scaledQueries, firstRow * scratch.keyDim, scratch.rows, keys, scratch.keyDim, scores);
        if (softcap != 0) {
            GateKernel.softcap(scores, 0, scratch.queries * BLOCK, softcap);
        }
        boolean negligible = true;
        for (int query = 0; query < scratch.queries; query++) {
            if (words != null) {
                OnlineSoftmax.mask(scores, query * BLOCK, words[wordAt + query]);
            }
            float blockMax = OnlineSoftmax.max(scores, query * BLOCK);
            scratch.blockMax[query] = blockMax;
            negligible &= blockMax < scratch.max[firstRow + query] + skipBelow;
        }
        if (negligible) {
            return;
        }
        for (int query = 0; query < scratch.queries; query++) {
            weigh(firstRow + query, query * BLOCK, scratch.blockMax[query]);
        }
        ValueKernel.multiply(scores, scratch.rows, count, values, scratch.valueDim, scratch.outputs, firstRow * scratch.valueStride,
                scratch.valueStride);
    }

    private void weigh(int row, int scoreAt, float blockMax) {
        float before = scratch.max[row];
        if (blockMax > before) {
            scratch.max[row] = blockMax;
            if (before != Float.NEGATIVE_INFINITY) {
                float factor = VectorMath.exp2OrZero(before - blockMax);
                OnlineSoftmax.scale(scratch.sums, row * LANES, LANES, factor);
                OnlineSoftmax.scale(scratch.outputs, row * scratch.valueStride, scratch.valueStride, factor);
            }
        }
        if (scratch.max[row] == Float.NEGATIVE_INFINITY) {
            Arrays.fill(scratch.scores, scoreAt, scoreAt + BLOCK, 0);
        } else {
            OnlineSoftmax.weigh(scratch.scores, scoreAt, scratch.max[row], scratch.sums, row * LANES);
        }
    }
}
