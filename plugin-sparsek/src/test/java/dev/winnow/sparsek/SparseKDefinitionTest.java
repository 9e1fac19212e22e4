package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.PlainElementwise;
import dev.winnow.spi.contract.PlainProducts;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** SparseK exact, against sets written down from the definition. */
class SparseKDefinitionTest {

    /** One random case. */
    private record Shape(MaskBase base, int heads, int first, int queries, int keys, int slidingWindow) {

        static Shape random(Random random) {
            MaskBase base = MaskBase.values()[random.nextInt(3)];
            int queries = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(64);
            int first = random.nextInt(250);
            int keys = base == MaskBase.CROSS
                    ? 1 + random.nextInt(320)
                    : first + queries + (base == MaskBase.CAUSAL ? 0 : random.nextInt(90));
            return new Shape(base, 1 + random.nextInt(4), first, queries, keys, random.nextInt(3) == 0 ? 1 + random.nextInt(150) : 0);
        }

        void reset(AttentionMask mask) {
            mask.reset(base, heads, first, queries, 0, keys);
            for (int head = 0; head < heads && slidingWindow > 0; head++) {
                for (int query = 0; query < queries; query++) {
                    mask.removeRange(head, query, 0, first + query - slidingWindow + 1);
                }
            }
        }
    }

    static MaskRefiner refiner(String settings, LayerSpec layer, int contextLength) {
        RefinerDecision decision = new SparseKRefinerProvider()
                .decide(new RefinerRequest(new MapMetadata("llama", Map.of()), List.of(layer), Settings.parse("sparsek", settings), true));
        return assertInstanceOf(RefinerDecision.Applies.class, decision).factory()
                .create(new RefinerContext(List.of(layer), contextLength, 1, new PlainProducts(), new PlainElementwise()));
    }

    @Test
    void isTheDefinitionForEveryBase() {
        Random random = new Random(11);
        AttentionMask mask = new AttentionMask();
        AttentionMask base = new AttentionMask();
        for (int round = 0; round < 400; round++) {
            Shape shape = Shape.random(random);
            int topK = random.nextInt(4) == 0 ? 0 : random.nextInt(120);
            int window = random.nextInt(2) * random.nextInt(100);
            int stride = random.nextInt(2) * random.nextInt(100);
            KvType type = KvType.values()[random.nextInt(2)]; // integers are exact in F32 and F16
            LayerSpec layer = TestLayers.layer(0, shape.heads(), 1, 1 + random.nextInt(40), 0);
            InMemoryKeyValues keyValues = TestTiles.integerKeys(random, type, layer.attention().keyDim(), shape.keys());
            SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, shape.first(), shape.queries(), true);
            MaskRefiner refiner = refiner("top-k=" + topK + ",window=" + window + ",stride=" + stride, layer, 400);
            shape.reset(base);
            shape.reset(mask);
            refiner.refine(tile, mask);
            assertKeeps(tile, base, mask, topK, window, stride);
        }
    }

    private static void assertKeeps(SimpleAttentionTile tile, AttentionMask base, AttentionMask mask, int topK, int window, int stride) {
        for (int head = 0; head < mask.headCount(); head++) {
            for (int query = 0; query < mask.queryCount(); query++) {
                Set<Integer> expected = definition(tile, base, head, query, topK, window, stride);
                Set<Integer> actual = new TreeSet<>();
                for (int key = 0; key < mask.keyCount(); key++) {
                    if (mask.keeps(head, query, key)) {
                        actual.add(key);
                    }
                }
                assertEquals(expected, actual, () -> "top_k " + topK + ", window " + window + ", stride " + stride + ", base " + base);
            }
        }
    }

    /** The definition: T ∪ W ∪ S and the own key, of the keys that the base permits. */
    private static Set<Integer> definition(SimpleAttentionTile tile, AttentionMask base, int head, int query, int topK, int window,
            int stride) {
        int position = base.firstPosition() + query;
        List<Integer> permitted = new ArrayList<>();
        double[] scores = new double[base.keyCount()];
        for (int key = 0; key < base.keyCount(); key++) {
            if (base.keeps(head, query, key)) {
                permitted.add(key);
                scores[key] = TestTiles.score(tile, head, query, key);
            }
        }
        List<Integer> sorted = new ArrayList<>(permitted);
        sorted.sort(Comparator.comparingDouble((Integer key) -> -scores[key]).thenComparingInt(key -> key));
        Set<Integer> keep = new TreeSet<>(sorted.subList(0, Math.min(topK, sorted.size())));
        for (int key : permitted) {
            boolean inWindow = window > 0 && position - key < window;
            boolean atStride = stride > 0 && key % stride == 0;
            boolean own = base.base() != MaskBase.CROSS && key == position;
            if (inWindow || atStride || own) {
                keep.add(key);
            }
        }
        return keep;
    }

    @Test
    void chargesEachScoreItComputes() {
        LayerSpec layer = TestLayers.layer(0, 3, 1, 24, 0);
        Random random = new Random(1);
        InMemoryKeyValues keyValues = TestTiles.integerKeys(random, KvType.F16, 24, 130);
        MaskRefiner refiner = refiner("top-k=10", layer, 400);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 3, 100, 30, 0, 130);
        refiner.refine(TestTiles.tile(random, layer, keyValues, 100, 30, true), mask);
        assertEquals(3L * 30 * 130 * 24, refiner.selectionCost());
    }

    @Test
    void aTopKAsLargeAsTheContextRemovesNothingAndComputesNothing() {
        LayerSpec layer = TestLayers.layer(0, 2, 1, 16, 0);
        Random random = new Random(3);
        InMemoryKeyValues keyValues = TestTiles.integerKeys(random, KvType.F16, 16, 200);
        MaskRefiner refiner = refiner("top-k=200", layer, 400);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, 140, 60, 0, 200);
        refiner.refine(TestTiles.tile(random, layer, keyValues, 140, 60, true), mask);
        assertEquals(mask.baseKeys(), mask.keptKeys());
        assertEquals(0, refiner.selectionCost());
        assertFalse(refiner.engages(layer, AttentionPhase.PREFILL, 200));
        assertTrue(refiner.engages(layer, AttentionPhase.PREFILL, 201));
    }

    @Test
    void withoutParametersOnlyTheOwnKeyIsKept() {
        LayerSpec layer = TestLayers.layer(0, 2, 1, 16, 0);
        Random random = new Random(3);
        InMemoryKeyValues keyValues = TestTiles.integerKeys(random, KvType.F16, 16, 200);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, 140, 60, 0, 200);
        refiner("top-k=0,window=0,stride=0", layer, 400).refine(TestTiles.tile(random, layer, keyValues, 140, 60, true), mask);
        assertEquals(2 * 60, mask.keptKeys());
        assertTrue(mask.keeps(1, 7, 147));
    }

    @Test
    void neverReadsReleasedPages() {
        LayerSpec layer = TestLayers.layer(0, 2, 1, 16, 100);
        Random random = new Random(3);
        InMemoryKeyValues keyValues = TestTiles.integerKeys(random, KvType.F16, 16, 400);
        keyValues.release(4);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, 384, 16, 256, 400);
        refiner("top-k=9", layer, 400).refine(TestTiles.tile(random, layer, keyValues, 384, 16, true), mask);
        assertTrue(mask.keptKeys() >= 2 * 16 * 9);
    }
}
