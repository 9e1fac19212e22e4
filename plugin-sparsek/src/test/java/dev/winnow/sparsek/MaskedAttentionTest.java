package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionAccumulator;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.NaiveAttention;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * llama.cpp's backend tests of flash attention, on the masks of this plug-in: random base masks with emptied blocks of 64 × 64 entries, attention that skips what is
 * empty, and the normalised mean squared error against attention over everything that is not masked, at most 1e-7.
 */
class MaskedAttentionTest {

    private static final double NMSE = 1e-7; // llama.cpp's limit for operations in F32

    @Test
    void skippingWhatAMaskEmptiesChangesNothing() {
        Random random = new Random(23);
        AttentionMask mask = new AttentionMask();
        for (int round = 0; round < 60; round++) {
            int dim = new int[]{40, 64, 128}[random.nextInt(3)];
            LayerSpec layer = TestLayers.layer(0, 1 + random.nextInt(4), 1, dim, 0);
            int queries = new int[]{1, 3, 32, 64}[random.nextInt(4)];
            int keys = new int[]{113, 512, 1024}[random.nextInt(3)];
            InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F32, dim, keys);
            SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, keys - queries, queries, false);
            MaskRefiner refiner = SparseKDefinitionTest.refiner("top-k=40,window=20,stride=50", layer, keys);
            mask.reset(round % 2 == 0 ? MaskBase.CAUSAL : MaskBase.CROSS, tile.headCount(), keys - queries, queries, 0, keys);
            removeAtRandom(mask, random);
            refiner.refine(tile, mask);
            mask.seal();
            assertTrue(mask.keptKeys() < mask.baseKeys());
            assertTrue(error(NaiveAttention.attend(tile, mask), attend(tile, mask)) <= NMSE);
        }
    }

    /** Empties whole blocks and single entries. */
    private static void removeAtRandom(AttentionMask mask, Random random) {
        for (int head = 0; head < mask.headCount(); head++) {
            for (int block = 0; block < mask.blockCount(); block++) {
                if (random.nextInt(3) == 0) {
                    mask.removeBlock(head, block);
                }
                for (int query = 0; query < mask.queryCount(); query++) {
                    mask.retain(head, query, block, random.nextLong());
                }
            }
        }
    }

    /** Attention in F32, block after block, never touching an EMPTY one. */
    private static AttentionAccumulator attend(SimpleAttentionTile tile, AttentionMask mask) {
        int dim = tile.layer().attention().keyDim();
        int rows = mask.headCount() * mask.queryCount();
        AttentionAccumulator sum = new AttentionAccumulator();
        AttentionAccumulator part = new AttentionAccumulator();
        sum.reset(rows, dim);
        for (int head = 0; head < mask.headCount(); head++) {
            for (int block = 0; block < mask.blockCount(); block++) {
                if (mask.state(head, block) != AttentionMask.EMPTY) {
                    part.reset(rows, dim);
                    for (int query = 0; query < mask.queryCount(); query++) {
                        attendRow(tile, mask, head, query, block, part);
                    }
                    sum.merge(part);
                }
            }
        }
        return sum;
    }

    private static void attendRow(SimpleAttentionTile tile, AttentionMask mask, int head, int query, int block,
            AttentionAccumulator target) {
        int dim = tile.layer().attention().keyDim();
        int row = head * mask.queryCount() + query;
        float[] vector = new float[dim];
        float[] scores = new float[64];
        for (long rest = mask.word(head, query, block); rest != 0; rest &= rest - 1) {
            int key = Long.numberOfTrailingZeros(rest);
            tile.keyValues().copyKey(block * 64 + key, vector, 0);
            for (int c = 0; c < dim; c++) {
                scores[key] += tile.queries()[tile.queryOffset(head, query) + c] * vector[c];
            }
            scores[key] *= tile.layer().attention().scale();
            target.max()[row] = Math.max(target.max()[row], scores[key]);
        }
        for (long rest = mask.word(head, query, block); rest != 0; rest &= rest - 1) {
            int key = Long.numberOfTrailingZeros(rest);
            float weight = (float) Math.exp(scores[key] - target.max()[row]);
            tile.keyValues().copyValue(block * 64 + key, vector, 0);
            target.sum()[row] += weight;
            for (int c = 0; c < dim; c++) {
                target.values()[row * dim + c] += weight * vector[c];
            }
        }
    }

    private static double error(double[][] expected, AttentionAccumulator actual) {
        float[] row = new float[actual.valueDim()];
        double difference = 0;
        double norm = 0;
        for (int r = 0; r < expected.length; r++) {
            actual.finish(r, Float.NEGATIVE_INFINITY, row, 0);
            for (int c = 0; c < row.length; c++) {
                difference += (row[c] - expected[r][c]) * (row[c] - expected[r][c]);
                norm += expected[r][c] * expected[r][c];
            }
        }
        assertEquals(expected.length, actual.rows());
        return difference / norm;
    }
}
