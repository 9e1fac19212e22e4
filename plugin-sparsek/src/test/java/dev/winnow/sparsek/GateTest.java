package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.KeyValues;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.lang.reflect.Proxy;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Below {@code min-context} a refiner does nothing at all: it does not even look at the keys that it summarises above. */
class GateTest {

    private static final int DIM = 16;
    private static final int KEYS = 448;
    private static final int GATE = 320;

    private final LayerSpec layer = TestLayers.layer(0, 3, 1, DIM, 0);

    private static KeyValues untouchable() {
        return (KeyValues) Proxy.newProxyInstance(KeyValues.class.getClassLoader(), new Class<?>[]{KeyValues.class},
                (proxy, method, args) -> {
                    throw new AssertionError("a refiner that is inactive calls KeyValues." + method.getName());
                });
    }

    private MaskRefiner refiner(String settings, int gate) {
        return SparseKDefinitionTest.refiner(settings + ",budget=200,sinks=16,recent=32,tau=0.7,min-context=" + gate, layer, KEYS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefill=blocks,block=4,decode=pages", "prefill=pages,decode=pages", "prefill=xattention,decode=int8"})
    void nothingIsDoneBelowAndNothingIsMissingAbove(String settings) {
        Random random = new Random(3);
        InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F16, DIM, KEYS);
        MaskRefiner gated = refiner(settings, GATE);
        MaskRefiner open = refiner(settings, 0);
        for (int to = 64; to <= KEYS; to += 64) {
            gated.keysAppended(layer, 0, to < GATE ? untouchable() : keyValues, to - 64, to);
            open.keysAppended(layer, 0, keyValues, to - 64, to);
            for (AttentionPhase phase : AttentionPhase.values()) {
                assertEquals(to >= GATE, gated.engages(layer, phase, to));
            }
        }
        assertEquals(0, gated.selectionCost());
        for (int queries : new int[]{64, 1}) {
            SimpleAttentionTile tile = TestTiles.tile(random, layer, keyValues, KEYS - queries, queries, false);
            AttentionMask expected = refined(open, tile);
            AttentionMask actual = refined(gated, tile);
            assertTrue(actual.keptKeys() < actual.baseKeys());
            for (int row = 0; row < 3 * queries; row++) {
                for (int block = 0; block < actual.blockCount(); block++) {
                    assertEquals(expected.word(row / queries, row % queries, block), actual.word(row / queries, row % queries, block));
                }
            }
        }
    }

    private static AttentionMask refined(MaskRefiner refiner, SimpleAttentionTile tile) {
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 3, tile.firstPosition(), tile.positionCount(), 0, KEYS);
        refiner.refine(tile, mask);
        mask.seal();
        return mask;
    }
}
