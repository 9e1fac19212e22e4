package dev.winnow.core.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.winnow.core.reference.ReferenceElementwiseProvider;
import dev.winnow.core.reference.ReferenceLinearProvider;
import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.AttentionTile;
import dev.winnow.spi.BackendContext;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against outputs computed for each level by itself. */
class HeadProbeTest {

    private static final int KEYS = 576;
    private static final int FIRST = 512;
    private static final int DIM = 16;
    private static final LayerSpec LAYER = TestLayers.layer(0, 2, 1, DIM, 0);

    /** Keeps keys from a position on. */
    private record Tail(int from) implements MaskRefiner {
        @Override
        public void refine(AttentionTile tile, AttentionMask mask) {
            for (int head = 0; head < mask.headCount(); head++) {
                mask.removeKeys(head, 0, from);
            }
        }
    }

    @Test
    void measuresErrorsAndKeptKeysOfNestedLevels() {
        Random random = new Random(5);
        InMemoryKeyValues keyValues = new InMemoryKeyValues(KvType.F32, DIM, DIM);
        float[][] keys = new float[KEYS][DIM];
        float[][] values = new float[KEYS][DIM];
        for (int key = 0; key < KEYS; key++) {
            for (int c = 0; c < DIM; c++) {
                keys[key][c] = (float) random.nextGaussian();
                values[key][c] = (float) random.nextGaussian();
            }
            keyValues.append(keys[key], 0, values[key], 0);
        }
        float[] queries = new float[64 * 2 * DIM];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = (float) random.nextGaussian();
        }
        SimpleAttentionTile tile = new SimpleAttentionTile(LAYER, 0, FIRST, 64, queries, 0, keyValues, 0);
        int[] tails = {200, 70};
        HeadDamage damage = new HeadDamage(List.of(LAYER), 3);
        List<RefinerDecision.Applies> levels = List.of(decision(tails[0]), decision(tails[1]));
        RefinerContext context = context();
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, FIRST, 64, 0, KEYS);
        new HeadProbe(levels, context, damage, 0).refine(ofOtherLayer(tile), mask);
        assertEquals(mask.baseKeys(), mask.keptKeys(), "removes nothing");
        assertFalse(damage.isMeasured(0), "one of several tiles is measured, and this is another one");
        new HeadProbe(levels, context, damage, 0).refine(tile, mask);

        double output = 0;
        double[][] errors = new double[2][3];
        double[] kept = new double[3];
        for (int head = 0; head < 2; head++) {
            for (int query = 8; query < 64; query += 16) {
                double[] dense = attend(tile, keys, values, head, query, 0);
                for (int level = 0; level < 2; level++) {
                    double[] sparse = attend(tile, keys, values, head, query, tails[level]);
                    for (int c = 0; c < DIM; c++) {
                        errors[head][level] += (sparse[c] - dense[c]) * (sparse[c] - dense[c]);
                    }
                    kept[level] += (FIRST + query + 1.0 - tails[level]) / (FIRST + query + 1) / 8;
                }
                for (double x : dense) {
                    output += x * x;
                }
            }
        }
        for (int head = 0; head < 2; head++) {
            for (int level = 0; level < 2; level++) {
                assertEquals(errors[head][level] / output, damage.error(0, head, level), 1e-5 * errors[head][level] / output); // F32 scores
                assertEquals(kept[level], damage.kept(0, head, level), 1e-12);
            }
            assertEquals(0, damage.error(0, head, 2), 1e-15);
            assertEquals(1, damage.kept(0, head, 2));
        }
    }

    @Test
    void levelsAreToldOfEverything() {
        List<String> told = new ArrayList<>();
        MaskRefiner level = new MaskRefiner() {
            @Override
            public void keysAppended(LayerSpec layer, int kvHead, KeyValues keyValues, int from, int to) {
                told.add("keys " + from + " " + to);
            }

            @Override
            public void truncated(int length) {
                told.add("truncated " + length);
            }

            @Override
            public void beginLayer(LayerSpec layer, AttentionPhase phase, int firstPosition, int positionCount) {
                told.add(phase + " " + firstPosition + " " + positionCount);
            }

            @Override
            public void refine(AttentionTile tile, AttentionMask mask) {}

            @Override
            public void close() {
                told.add("close");
            }
        };
        RefinerDecision.Applies decision = new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(), context -> level);
        try (HeadProbe probe = new HeadProbe(List.of(decision), context(), new HeadDamage(List.of(LAYER), 2), 0)) {
            probe.keysAppended(LAYER, 0, new InMemoryKeyValues(KvType.F32, DIM, DIM), 3, 5);
            probe.beginLayer(LAYER, AttentionPhase.PREFILL, 7, 9);
            probe.truncated(4);
        }
        assertEquals(List.of("keys 3 5", "PREFILL 7 9", "truncated 4", "close"), told);
    }

    private static RefinerContext context() {
        BackendContext backends = new BackendContext(1);
        return new RefinerContext(List.of(LAYER), KEYS, 1, new ReferenceLinearProvider().create(backends),
                new ReferenceElementwiseProvider().create(backends));
    }

    /** The same tile as one of a layer whose turn it is not. */
    private static AttentionTile ofOtherLayer(SimpleAttentionTile tile) {
        LayerSpec other = new LayerSpec(1, LAYER.attention(), LAYER.rope(), LAYER.feedForward(), LAYER.normEpsilon(), LAYER.postNorms());
        return new SimpleAttentionTile(other, 0, FIRST, 64, tile.queries(), 0, tile.keyValues(), 0);
    }

    private static RefinerDecision.Applies decision(int from) {
        return new RefinerDecision.Applies(RefinerPhase.CONTENT, false, Map.of(), context -> new Tail(from));
    }

    private static double[] attend(SimpleAttentionTile tile, float[][] keys, float[][] values, int head, int query, int from) {
        double[] result = new double[DIM];
        double sum = 0;
        for (int key = from; key <= FIRST + query; key++) {
            double score = 0;
            for (int c = 0; c < DIM; c++) {
                score += (double) tile.queries()[tile.queryOffset(head, query) + c] * keys[key][c];
            }
            double weight = Math.exp(score * LAYER.attention().scale());
            sum += weight;
            for (int c = 0; c < DIM; c++) {
                result[c] += weight * values[key][c];
            }
        }
        for (int c = 0; c < DIM; c++) {
            result[c] /= sum;
        }
        return result;
    }
}
