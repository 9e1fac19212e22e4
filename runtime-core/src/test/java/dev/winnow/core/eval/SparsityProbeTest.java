package dev.winnow.core.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a softmax computed by itself, with and without a sliding window. */
class SparsityProbeTest {

    private static final int KEYS = 576;
    private static final int FIRST = 512;
    private static final int DIM = 16;
    private static final int REMOVED = 300; // keys before

    private final float[][] keys = new float[KEYS][DIM];
    private final float[] queries = new float[64 * 2 * DIM];
    private final InMemoryKeyValues keyValues = new InMemoryKeyValues(KvType.F32, DIM, DIM);

    SparsityProbeTest() {
        Random random = new Random(7);
        for (float[] key : keys) {
            for (int c = 0; c < DIM; c++) {
                key[c] = (float) random.nextGaussian();
            }
            keyValues.append(key, 0, key, 0);
        }
        for (int i = 0; i < queries.length; i++) {
            queries[i] = (float) random.nextGaussian();
        }
    }

    private static AttentionMask mask() {
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, FIRST, 64, 0, KEYS);
        return mask;
    }

    private SparsityMap probe(LayerSpec layer, AttentionMask mask) {
        SparsityMap map = new SparsityMap(List.of(layer), KEYS, 0, 1);
        long before = mask.keptKeys();
        new SparsityProbe(map, 64, 1, KEYS).refine(new SimpleAttentionTile(layer, 0, FIRST, 64, queries, 0, keyValues, 0), mask);
        assertEquals(before, mask.keptKeys(), "removes nothing");
        return map;
    }

    @Test
    void massIsTheSoftmaxOfRemovedKeys() {
        for (int window : new int[]{0, 400}) {
            LayerSpec layer = TestLayers.layer(0, 2, 1, DIM, window);
            AttentionMask mask = mask();
            mask.removeKeys(0, 0, REMOVED);
            mask.removeKeys(1, 0, REMOVED);
            SparsityMap map = probe(layer, mask);
            for (int head = 0; head < 2; head++) {
                SparsityShare share = map.ofHead(0, head);
                assertEquals(1, share.samples(), "position 575");
                assertEquals(directMass(layer, head, window), share.mass(), 1e-12); // both in double precision
                assertEquals(64 * (FIRST + 1 - REMOVED) + 63 * 32, share.keptKeys());
                assertEquals(window == 0 ? 64 * (FIRST + 1) + 63 * 32 : 64 * window, share.baseKeys());
            }
            assertEquals(window == 0 ? 0 : Double.NaN, map.keptOfBlock(map.blockCount() - 1, 0));
            assertEquals(1, map.keptOfBlock(map.blockCount() - 1, REMOVED / map.blockWidth() + 1));
        }
    }

    private double directMass(LayerSpec layer, int head, int window) {
        SimpleAttentionTile tile = new SimpleAttentionTile(layer, 0, FIRST, 64, queries, 0, keyValues, 0);
        double all = 0;
        double removed = 0;
        for (int key = window == 0 ? 0 : KEYS - window; key < KEYS; key++) {
            double score = 0;
            for (int c = 0; c < DIM; c++) {
                score += (double) queries[tile.queryOffset(head, 63) + c] * keys[key][c];
            }
            double weight = Math.exp(score * layer.attention().scale());
            all += weight;
            removed += key < REMOVED ? weight : 0;
        }
        return removed / all;
    }

    @Test
    void denseAttentionDropsNothing() {
        SparsityShare total = probe(TestLayers.layer(0, 2, 1, DIM, 0), mask()).total();
        assertEquals(1, total.keptRatio());
        assertEquals(0, total.mass());
        assertEquals(2, total.samples());
    }

    @Test
    void aRowThatLosesEverythingKeepsItsOwnKey() {
        AttentionMask mask = mask();
        mask.removeBlocks(0, 0, mask.blockCount());
        SparsityShare share = probe(TestLayers.layer(0, 2, 1, DIM, 0), mask).ofHead(0, 0);
        assertEquals(64, share.keptKeys());
    }
}
