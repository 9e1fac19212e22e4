package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.LayerSpec;
import dev.winnow.spi.MaskRefinerProvider;
import dev.winnow.spi.RefinerDecision;
import dev.winnow.spi.RefinerPhase;
import dev.winnow.spi.RefinerRequest;
import dev.winnow.spi.Settings;
import dev.winnow.spi.contract.MapMetadata;
import dev.winnow.spi.contract.TestLayers;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseKRefinerProviderTest {

    private static final List<LayerSpec> LAYERS = List.of(TestLayers.layer(0, 2, 1, 8, 0));

    private static RefinerDecision decide(String architecture, Map<String, ?> metadata, String settings, boolean asked) {
        return new SparseKRefinerProvider()
                .decide(new RefinerRequest(new MapMetadata(architecture, metadata), LAYERS, Settings.parse("sparsek", settings), asked));
    }

    private static Map<String, String> parameters(String architecture, Map<String, ?> metadata, String settings, boolean asked) {
        return assertInstanceOf(RefinerDecision.Applies.class, decide(architecture, metadata, settings, asked)).parameters();
    }

    @Test
    void isAService() {
        assertTrue(ServiceLoader.load(MaskRefinerProvider.class).stream().anyMatch(p -> p.type() == SparseKRefinerProvider.class));
    }

    @Test
    void metadataSwitchesItOnExactly() {
        Map<String, Object> metadata = Map.of("qwen2.sparsek.enable", true, "qwen2.sparsek.top_k", 64L, "qwen2.sparsek.window", 32L,
                "qwen2.sparsek.stride", 128L);
        RefinerDecision.Applies applies = assertInstanceOf(RefinerDecision.Applies.class, decide("qwen2", metadata, "", false));
        assertFalse(applies.required());
        assertEquals(RefinerPhase.CONTENT, applies.phase());
        assertEquals(Map.of("prefill", "exact", "prefill-top-k", "64", "prefill-window", "32", "prefill-stride", "128", "decode", "exact",
                "decode-top-k", "64", "decode-window", "32", "decode-stride", "128"), applies.parameters());
    }

    @Test
    void theArchitecturesOwnKeysComeBeforeThoseOfLlama() {
        Map<String, Object> metadata = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 64L, "llama.sparsek.window", 32L,
                "qwen2.sparsek.top_k", 16L);
        Map<String, String> parameters = parameters("qwen2", metadata, "", false);
        assertEquals("16", parameters.get("prefill-top-k"));
        assertEquals("32", parameters.get("prefill-window"));
    }

    @Test
    void settingsComeBeforeMetadata() {
        Map<String, Object> metadata = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 64L, "llama.sparsek.window", 32L);
        Map<String, String> parameters = parameters("llama", metadata, "top-k=5,selection=auto", true);
        assertEquals("xattention", parameters.get("prefill"));
        assertEquals("5", parameters.get("prefill-top-k"));
        assertEquals("pages", parameters.get("decode"));
        assertEquals("32", parameters.get("decode-recent"));
        assertEquals("64", parameters.get("decode-budget"), "top_k in whole pages, 16 sinks and the window");
    }

    @Test
    void doesNotApplyUnlessAskedFor() {
        RefinerDecision.DoesNotApply no = assertInstanceOf(RefinerDecision.DoesNotApply.class, decide("llama", Map.of(), "", false));
        assertEquals("the model's metadata does not enable it (llama.sparsek.enable)", no.reasons().getFirst());
        assertInstanceOf(RefinerDecision.DoesNotApply.class,
                decide("llama", Map.of("llama.sparsek.enable", false, "llama.sparsek.top_k", -1L), "", false));
        assertInstanceOf(RefinerDecision.Applies.class, decide("llama", Map.of(), "", true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "'' | xattention | pages",
            "tau=0.9 | xattention | pages",
            "window=64 | exact | exact",
            "top-k=64,decode=int8 | exact | int8",
            "selection=exact | exact | exact",
            "selection=xattention | xattention | pages",
            "selection=blocks | blocks | pages",
            "selection=pages | pages | pages",
            "selection=int8 | xattention | int8",
            "selection=static | static | static",
            "selection=dense,decode=auto | dense | pages",
            "prefill=dense | dense | pages"})
    void chooses(String settings, String prefill, String decode) {
        Map<String, String> parameters = parameters("llama", Map.of(), settings, true);
        assertEquals(prefill, parameters.get("prefill"));
        assertEquals(decode, parameters.get("decode"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "'' | 1024 | 6144",
            "selection=pages,budget=300 | 1024 | 2048",
            "selection=pages,budget=800 | 1024 | 2400",
            "prefill=blocks,budget=2147483647 | 2048 | 2147483647",
            "selection=static | 2048 | 2048",
            "selection=int8 | 1024 | 4096",
            "min-context=100 | 100 | 100"})
    void defaultGatesAreTheMeasuredOnes(String settings, String prefill, String decode) {
        Map<String, String> parameters = parameters("llama", Map.of(), settings, true);
        assertEquals(prefill, parameters.get("prefill-min-context"));
        assertEquals(decode, parameters.get("decode-min-context"));
    }

    @Test
    void annotatedModelsHaveNoGate() {
        Map<String, Object> metadata = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 64L);
        assertFalse(parameters("llama", metadata, "", false).containsKey("prefill-min-context"), "top_k is the meaning of the model");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "topk=3 | sparsek: unknown setting 'topk'; known: block, budget, budget-fraction, decode, group, head-tau, min-context, page, prefill, recent, "
                    + "sampled-rows, selection, sinks, stride, summary, tau, top-k, window",
            "top-k=-1 | sparsek: '-1' is not a value for 'top-k', which takes an integer from 0 to 2147483647",
            "tau=1.5 | sparsek: '1.5' is not a value for 'tau', which takes a number from 0.0 to 1.0",
            "selection=best | sparsek: 'best' is not a value for 'selection', which takes one of auto, exact, xattention, blocks, pages, int8, static, dense",
            "decode=blocks | sparsek: 'blocks' is not a value for 'decode', which takes one of auto, exact, pages, int8, static, dense",
            "prefill=int8 | sparsek: 'int8' is not a value for 'prefill', which takes one of auto, exact, xattention, blocks, pages, static, dense",
            "page=24 | sparsek: '24' is not a value for 'page', which takes a power of two from 16 to 64",
            "selection=pages,summary=32 | sparsek: '32' is not a value for 'summary', which takes an integer from 4 to 16",
            "selection=pages,page=32,summary=12 | sparsek: '12' is not a value for 'summary', which takes a power of two from 4 to 32",
            "group=2 | sparsek: '2' is not a value for 'group', which takes an integer from 4 to 64"})
    void badSettingsAreOneSentence(String settings, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> decide("llama", Map.of(), settings, true)).getMessage());
    }

    @Test
    void badMetadataIsOneSentence() {
        assertEquals("the metadata key 'llama.sparsek.top_k' is -3, but takes 0 to 4294967295", assertThrows(IllegalArgumentException.class,
                () -> decide("llama", Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", -3L), "", false)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> decide("llama", Map.of("llama.sparsek.enable", "yes"), "", false));
        assertEquals(
                "the metadata key 'llama.sparsek.enable' is true, but none of top_k, window and stride says which keys to keep; set one, or run "
                        + "without this refiner",
                assertThrows(IllegalArgumentException.class, () -> decide("llama", Map.of("llama.sparsek.enable", true), "", false))
                        .getMessage());
    }

    @Test
    void aU32AboveEveryContextIsThatOfAll() {
        Map<String, Object> metadata = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 0xffffffffL);
        assertEquals(Integer.toString(Integer.MAX_VALUE), parameters("llama", metadata, "", false).get("prefill-top-k"));
    }
}
