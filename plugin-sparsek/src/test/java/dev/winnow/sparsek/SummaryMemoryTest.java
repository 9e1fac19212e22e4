package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.LinearBackend;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.PlainElementwise;
import dev.winnow.spi.contract.TestLayers;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory of summaries belongs to one refiner and ends with it. */
class SummaryMemoryTest {

    private static final int DIM = 16;
    private static final int KEYS = 448;

    private final LayerSpec layer = TestLayers.layer(0, 3, 1, DIM, 0);
    private final Random random = new Random(3);
    private final InMemoryKeyValues keyValues = TestTiles.clusteredKeys(random, KvType.F16, DIM, KEYS);

    /** Returns a refiner whose products only note which summaries they are given. */
    private MaskRefiner refiner(String settings, List<MemorySegment> seen) {
        LinearBackend products = (LinearBackend) Proxy.newProxyInstance(LinearBackend.class.getClassLoader(),
                new Class<?>[]{LinearBackend.class},
                (proxy, method, args) -> {
                    for (Object argument : args) {
                        if (argument instanceof MemorySegment[] pieces) {
                            seen.add(pieces[0]);
                        }
                    }
                    return null;
                });
        RefinerDecision decision = new SparseKRefinerProvider()
                .decide(new RefinerRequest(new MapMetadata("llama", Map.of()), List.of(layer), Settings.parse("sparsek", settings), true));
        return assertInstanceOf(RefinerDecision.Applies.class, decision).factory()
                .create(new RefinerContext(List.of(layer), KEYS, 1, products, new PlainElementwise()));
    }

    /** Chooses for a prompt and for decoding. */
    private void choose(MaskRefiner refiner) {
        refiner.keysAppended(layer, 0, keyValues, 0, KEYS);
        AttentionMask mask = new AttentionMask();
        for (int queries : new int[]{64, 1}) {
            mask.reset(MaskBase.CAUSAL, 3, KEYS - queries, queries, 0, KEYS);
            refiner.refine(TestTiles.tile(random, layer, keyValues, KEYS - queries, queries, false), mask);
        }
    }

    @Test
    void closingFreesTheSummariesOfBothPhasesAndNoOthers() {
        String settings = "prefill=blocks,block=4,decode=pages,budget=200,min-context=0";
        List<MemorySegment> ofOne = new ArrayList<>();
        List<MemorySegment> ofOther = new ArrayList<>();
        MaskRefiner one = refiner(settings, ofOne);
        try (MaskRefiner other = refiner(settings, ofOther)) { // as that of a forked session
            choose(one);
            choose(other);
            assertEquals(2, ofOne.size());
            assertTrue(ofOne.stream().allMatch(segment -> segment.scope().isAlive()));
            one.close();
            assertTrue(ofOne.stream().noneMatch(segment -> segment.scope().isAlive()));
            assertTrue(ofOther.stream().allMatch(segment -> segment.scope().isAlive()));
        }
        assertTrue(ofOther.stream().noneMatch(segment -> segment.scope().isAlive()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"selection=pages", "selection=int8,budget=200", "selection=dense"})
    void closingAgainDoesNothing(String settings) {
        MaskRefiner refiner = refiner(settings + ",min-context=0", new ArrayList<>());
        choose(refiner);
        refiner.close();
        refiner.close();
    }
}
