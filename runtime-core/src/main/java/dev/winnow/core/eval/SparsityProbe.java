package dev.winnow.core.eval;

import dev.winnow.core.reference.ReferenceScore;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import java.util.Arrays;

/**
 * A refiner that removes nothing and comes last: it counts what the others have left. In one of some positions it also computes the softmax over all keys that
 * the model permits, and adds up what falls on removed ones. Learned attention sinks, which take part of the softmax in some models, are left out of it, so that
 * the dropped mass is then an upper bound.
 */
final class SparsityProbe implements MaskRefiner {

    private final SparsityMap map;
    private final int every;
    private final double[][] workers; // scores of the keys, by worker

    /**
     * Creates the probe of a session.
     *
     * @param map           is added to
     * @param every         the mass is computed for the positions p with (p + 1) divisible by this
     * @param workers       that refine at once
     * @param contextLength the largest number of keys
     */
    SparsityProbe(SparsityMap map, int every, int workers, int contextLength) {
        this.map = map;
        this.every = every;
        this.workers = new double[workers][contextLength];
    }

    @Override
    public void refine(AttentionTile tile, AttentionMask mask) {
        int layer = tile.layer().index();
        for (int query = 0; query < tile.positionCount(); query++) {
            int position = tile.firstPosition() + query;
            int from = from(tile, position);
            int to = mask.base() == MaskBase.CAUSAL ? position + 1 : mask.keyCount();
            for (int head = 0; head < tile.headCount(); head++) {
                int ofLayer = tile.firstHead() + head;
                long kept = 0;
                for (int block = from / AttentionMask.BLOCK_KEYS; block * AttentionMask.BLOCK_KEYS < to; block++) {
                    kept += Long.bitCount(mask.word(head, query, block) & permitted(block, from, to));
                }
                map.addRow(layer, ofLayer, position, to - from, Math.max(kept, 1));
                if (map.countsBlocks(layer, ofLayer)) {
                    for (int key = from; key < to; key++) {
                        map.addKey(position, key, keeps(mask, head, query, key, kept));
                    }
                }
                if ((position + 1) % every == 0) {
                    map.addMass(layer, ofLayer, position, droppedMass(tile, mask, head, query, from, to, kept));
                }
            }
        }
    }

    /** The first key that the model permits. */
    private static int from(AttentionTile tile, int position) {
        int window = tile.layer().attention().window();
        int held = tile.keyValues().firstPage() * KeyValues.PAGE_KEYS;
        return Math.max(held, window == 0 ? 0 : position - window + 1);
    }

    /** The bits of a block that stand for the keys {@code from … to−1}. */
    private static long permitted(int block, int from, int to) {
        int first = block * AttentionMask.BLOCK_KEYS;
        long bits = -1L;
        if (from > first) {
            bits &= -1L << (from - first);
        }
        if (to < first + AttentionMask.BLOCK_KEYS) {
            bits &= (1L << (to - first)) - 1;
        }
        return bits;
    }

    /** A row that keeps nothing gets its own key back when the mask is sealed. */
    private static boolean keeps(AttentionMask mask, int head, int query, int key, long kept) {
        return kept == 0 ? key == mask.firstPosition() + query : mask.keeps(head, query, key);
    }

    private double droppedMass(AttentionTile tile, AttentionMask mask, int head, int query, int from, int to, long kept) {
        if (kept == to - from) {
            return 0;
        }
        double[] scores = workers[tile.worker()];
        score(tile, tile.queryOffset(head, query), from, to, scores);
        double top = Arrays.stream(scores, from, to).max().orElseThrow();
        double all = 0;
        double dropped = 0;
        for (int key = from; key < to; key++) {
            double weight = Math.exp(scores[key] - top);
            all += weight;
            if (!keeps(mask, head, query, key, kept)) {
                dropped += weight;
            }
        }
        return dropped / all;
    }

    private static void score(AttentionTile tile, int query, int from, int to, double[] scores) {
        LayerSpec.Attention attention = tile.layer().attention();
        float[] key = new float[attention.keyDim()];
        for (int j = from; j < to; j++) {
            tile.keyValues().copyKey(j, key, 0);
            scores[j] = ReferenceScore.of(attention, tile.queries(), query, key, 0);
        }
    }
}
