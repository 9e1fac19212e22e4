package dev.winnow.swa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionMask;
import dev.winnow.spi.AttentionPhase;
import dev.winnow.spi.KvType;
import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskBase;
import dev.winnow.spi.MaskRefiner;
import dev.winnow.spi.RefinerContext;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import dev.winnow.spi.contract.InMemoryKeyValues;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.PlainElementwise;
import dev.winnow.spi.contract.PlainProducts;
import dev.winnow.spi.contract.SimpleAttentionTile;
import dev.winnow.spi.contract.TestLayers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingWindowRefinerTest {

    private static final SlidingWindowRefinerProvider PROVIDER = new SlidingWindowRefinerProvider();

    private static RefinerDecision decide(String settings, int... windows) {
        List<LayerSpec> layers = new ArrayList<>();
        for (int window : windows) {
            layers.add(TestLayers.layer(layers.size(), 2, 1, 8, window));
        }
        return PROVIDER.decide(new RefinerRequest(new MapMetadata("gemma3", Map.of()), layers, Settings.parse("swa", settings),
                !settings.isEmpty()));
    }

    private static MaskRefiner refiner(String settings, LayerSpec layer) {
        RefinerDecision.Applies applies = assertInstanceOf(RefinerDecision.Applies.class, decide(settings, layer.attention().window()));
        return applies.factory().create(new RefinerContext(List.of(layer), 1000, 1, new PlainProducts(), new PlainElementwise()));
    }

    @Test
    void isTheDefinitionForEveryBaseAndShape() {
        Random random = new Random(5);
        AttentionMask mask = new AttentionMask();
        for (int round = 0; round < 600; round++) {
            MaskBase base = MaskBase.values()[random.nextInt(3)];
            int own = random.nextBoolean() ? 0 : 1 + random.nextInt(300);
            int forced = own > 0 && random.nextBoolean() ? 0 : 1 + random.nextInt(300);
            int sinks = forced == 0 ? 0 : random.nextInt(3) * random.nextInt(200);
            int queries = 1 + random.nextInt(64);
            int first = random.nextInt(400);
            int keys = base == MaskBase.CROSS ? 1 + random.nextInt(500) : first + queries + random.nextInt(100);
            LayerSpec layer = TestLayers.layer(0, 2, 1, 8, own);
            MaskRefiner refiner = refiner(forced == 0 ? "" : "window=" + forced + ",sinks=" + sinks, layer);
            mask.reset(base, 2, first, queries, 0, keys);
            refiner.refine(new SimpleAttentionTile(layer, 0, first, queries, new float[0], 0, new InMemoryKeyValues(KvType.F16, 8, 8), 0),
                    mask);
            for (int query = 0; query < queries; query++) {
                int position = first + query;
                for (int key = 0; key < keys; key++) {
                    boolean kept = base != MaskBase.CAUSAL || key <= position;
                    kept &= own == 0 || position - key < own;
                    kept &= forced == 0 || position - key < forced || key < sinks;
                    assertEquals(kept, mask.keeps(1, query, key), "key " + key + " of the query at " + position);
                }
            }
        }
    }

    @Test
    void aWindowAsLongAsTheContextRemovesNothing() {
        LayerSpec layer = TestLayers.layer(0, 2, 1, 8, 100);
        AttentionMask mask = new AttentionMask();
        mask.reset(MaskBase.CAUSAL, 2, 36, 64, 0, 100);
        refiner("", layer).refine(new SimpleAttentionTile(layer, 0, 36, 64, new float[0], 0, new InMemoryKeyValues(KvType.F16, 8, 8), 0),
                mask);
        assertEquals(mask.baseKeys(), mask.keptKeys());
        assertFalse(refiner("", layer).engages(layer, AttentionPhase.PREFILL, 100));
        assertTrue(refiner("", layer).engages(layer, AttentionPhase.PREFILL, 101));
        assertFalse(refiner("window=3", layer).engages(layer, AttentionPhase.DECODE, 3));
        assertTrue(refiner("window=3", layer).engages(layer, AttentionPhase.DECODE, 4));
    }

    @Test
    void isRequiredIfTheModelHasWindows() {
        RefinerDecision.Applies applies = assertInstanceOf(RefinerDecision.Applies.class, decide("", 512, 0));
        assertTrue(applies.required());
        assertEquals(RefinerPhase.POSITIONAL, applies.phase());
        assertEquals(Map.of("window", "512"), applies.parameters());
    }

    @Test
    void aForcedWindowIsNotRequired() {
        RefinerDecision.Applies applies = assertInstanceOf(RefinerDecision.Applies.class, decide("window=1024,sinks=64", 0, 0));
        assertFalse(applies.required());
        assertEquals(Map.of("forced-window", "1024", "sinks", "64"), applies.parameters());
    }

    @Test
    void doesNotApplyWithoutAWindow() {
        assertInstanceOf(RefinerDecision.DoesNotApply.class, decide("", 0, 0));
    }

    private static RefinerDecision declared(String architecture, long window, String settings, boolean asked) {
        MapMetadata metadata = new MapMetadata(architecture, Map.of(architecture + ".attention.sliding_window", window));
        return PROVIDER
                .decide(new RefinerRequest(metadata, List.of(TestLayers.layer(0, 2, 1, 8, 0)), Settings.parse("swa", settings), asked));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral3", "phi3", "qwen2"})
    void aWindowThatTheRuntimeDoesNotApplyIsAppliedIfTheRefinerIsNamed(String architecture) {
        assertInstanceOf(RefinerDecision.DoesNotApply.class, declared(architecture, 2047, "", false));
        RefinerDecision.Applies applies = assertInstanceOf(RefinerDecision.Applies.class, declared(architecture, 2047, "", true));
        assertFalse(applies.required());
        assertEquals(Map.of("forced-window", "2047", "sinks", "0"), applies.parameters());
        applies = assertInstanceOf(RefinerDecision.Applies.class, declared(architecture, 2047, "window=512,sinks=4", true));
        assertEquals(Map.of("forced-window", "512", "sinks", "4"), applies.parameters());
        assertInstanceOf(RefinerDecision.DoesNotApply.class, declared(architecture, 0, "", true), "Phi 3 with a long context");
        assertThrows(IllegalArgumentException.class, () -> declared(architecture, -1, "", true));
    }

    @Test
    void badSettingsAreOneSentence() {
        assertEquals("swa: 'sinks' belongs to a forced window; give 'window' as well",
                assertThrows(IllegalArgumentException.class, () -> decide("sinks=4", 512)).getMessage());
        assertEquals("swa: '0' is not a value for 'window', which takes an integer from 1 to 2147483647",
                assertThrows(IllegalArgumentException.class, () -> decide("window=0", 512)).getMessage());
        assertEquals("swa: unknown setting 'size'; known: sinks, window",
                assertThrows(IllegalArgumentException.class, () -> decide("size=4", 0)).getMessage());
    }
}
