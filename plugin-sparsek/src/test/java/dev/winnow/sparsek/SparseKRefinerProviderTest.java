package dev.winnow.sparsek;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.spi.AttentionPhase;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "top-k=512,tau=0.9 | sparsek: 'tau' has no effect with prefill=exact and decode=exact; it belongs to prefill=xattention, prefill=blocks or "
                    + "prefill=pages without 'head-tau': ask for that, or leave it out",
            "block=4 | sparsek: 'block' has no effect with prefill=xattention and decode=pages; it belongs to prefill=blocks: ask for that, or leave it out",
            "prefill=blocks,tau=0.9,head-tau=0/1:01 | sparsek: 'tau' has no effect with prefill=blocks and decode=pages; it belongs to "
                    + "prefill=xattention, prefill=blocks or prefill=pages without 'head-tau': ask for that, or leave it out",
            "selection=static,budget=9 | sparsek: 'budget' has no effect with prefill=static and decode=static; it belongs to decode=pages or decode=int8: "
                    + "ask for that, or leave it out",
            "prefill=dense,decode=pages,budget=99,top-k=9 | sparsek: 'top-k' has no effect with prefill=dense and decode=pages; it belongs to prefill=exact, "
                    + "prefill=xattention, prefill=blocks or prefill=pages, decode=exact, or without 'budget' to decode=pages or decode=int8: ask for that, or leave it out",
            "selection=auto,prefill=dense,decode=dense | sparsek: 'selection' has no effect with prefill=dense and decode=dense; it belongs to a phase for "
                    + "which neither 'prefill' nor 'decode' chooses: ask for that, or leave it out"})
    void aSettingThatNeitherPhaseReadsIsAnError(String settings, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> decide("llama", Map.of(), settings, true)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "top-k=9 | exact xattention blocks pages | exact pages int8",
            "window=9 | exact xattention blocks pages static | exact pages int8 static",
            "stride=9 | exact xattention blocks pages static | exact pages int8 static",
            "sinks=9 | exact xattention blocks pages static | exact pages int8 static",
            "recent=9 | exact xattention blocks pages static | exact pages int8 static",
            "tau=0.9 | xattention blocks pages | ''",
            "head-tau=0/1:01 | xattention blocks pages | ''",
            "page=32 | pages | pages int8",
            "summary=4 | pages | pages",
            "budget=9 | '' | pages int8",
            "budget-fraction=0.9 | '' | pages int8",
            "block=4 | blocks | ''",
            "group=4 | xattention | ''",
            "sampled-rows=4 | blocks pages | ''",
            "min-context=9 | exact xattention blocks pages static dense | exact pages int8 static dense"})
    void eachSettingBelongsWhereTheMessageSays(String setting, String prefill, String decode) {
        Set<String> readers = new TreeSet<>();
        Stream.of(prefill.split(" ")).filter(method -> !method.isEmpty()).forEach(method -> readers.add("prefill=" + method));
        Stream.of(decode.split(" ")).filter(method -> !method.isEmpty()).forEach(method -> readers.add("decode=" + method));
        for (AttentionPhase phase : AttentionPhase.values()) {
            for (Method method : Method.values()) {
                boolean prompt = phase == AttentionPhase.PREFILL;
                String selection = (prompt ? "prefill=" : "decode=") + method.text();
                String settings = selection + (prompt ? ",decode=dense," : ",prefill=dense,") + setting;
                if (readers.contains(selection)) {
                    decide("llama", Map.of(), settings, true);
                } else if (method.serves(phase)) {
                    String message = String.valueOf(
                            assertThrows(IllegalArgumentException.class, () -> decide("llama", Map.of(), settings, true)).getMessage());
                    String advice = message.substring(message.indexOf("belongs to"));
                    Set<String> named = Pattern.compile("(prefill|decode)=[a-z0-9]+").matcher(advice).results().map(MatchResult::group)
                            .collect(Collectors.toCollection(TreeSet::new));
                    assertEquals(method == Method.DENSE && advice.contains("every selection but dense") ? Set.of() : readers, named,
                            message);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"selection=static", "selection=dense", "prefill=dense,decode=pages,budget=300",
            "prefill=blocks,block=4,decode=dense"})
    void metadataThatASelectionDoesNotReadIsNoError(String settings) {
        Map<String, Object> metadata = Map.of("llama.sparsek.enable", true, "llama.sparsek.top_k", 64L, "llama.sparsek.window", 32L,
                "llama.sparsek.stride", 128L);
        assertInstanceOf(RefinerDecision.Applies.class, decide("llama", metadata, settings, true));
    }

    /** Profiles hold what {@code winnow calibrate} tries: both phases, one of them, or none. */
    @ParameterizedTest
    @ValueSource(strings = {
            "prefill=blocks,block=4,sampled-rows=32,head-tau=0/0.8/1:01,decode=pages,budget=1024,budget-fraction=0.125,min-context=2048",
            "prefill=blocks,block=4,sampled-rows=32,tau=0.9,decode=dense,min-context=2048",
            "prefill=dense,decode=pages,budget=1024,budget-fraction=0.125,min-context=2048", "prefill=dense,decode=dense,min-context=2048"})
    void profilesAreAccepted(String settings) {
        assertInstanceOf(RefinerDecision.Applies.class, decide("llama", Map.of(), settings, true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "prefill=blocks,block=4,top-k=64,window=9,decode=static | {decode=static, decode-min-context=2048, decode-sinks=16, decode-window=9, prefill=blocks, "
                    + "prefill-min-context=2048, prefill-page=4, prefill-recent=9, prefill-sampled-rows=64, prefill-sinks=64, prefill-tau=0.95, prefill-top-k=64}",
            "stride=50,sinks=0,prefill=pages,head-tau=0/1:01,decode=pages | {decode=pages, decode-budget=2048, decode-budget-fraction=0.0, "
                    + "decode-min-context=6144, decode-page=16, decode-recent=128, decode-stride=50, decode-summary=8, prefill=pages, "
                    + "prefill-head-tau=0/1:01, prefill-min-context=1024, prefill-page=16, prefill-recent=192, prefill-sampled-rows=8, prefill-stride=50, "
                    + "prefill-summary=16}",
            "selection=int8,budget-fraction=0.5 | {decode=int8, decode-budget=2048, decode-budget-fraction=0.5, decode-min-context=4096, decode-page=16, "
                    + "decode-recent=128, decode-sinks=16, prefill=xattention, prefill-group=8, prefill-min-context=1024, prefill-page=64, prefill-recent=0, "
                    + "prefill-sinks=64, prefill-tau=0.95}"})
    void describesWhatHasAnEffect(String settings, String expected) {
        assertEquals(expected, new TreeMap<>(parameters("llama", Map.of(), settings, true)).toString());
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
