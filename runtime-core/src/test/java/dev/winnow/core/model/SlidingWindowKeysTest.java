package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which layers have a window, by the keys of each architecture. The patterns are those of llama.cpp: layer i has one iff i mod period is below period − 1. */
class SlidingWindowKeysTest {

    private static final String WINDOW = "attention.sliding_window";
    private static final String PATTERN = "attention.sliding_window_pattern";

    private static List<Integer> windows(String architecture, int layers, Map<String, GgufValue> keys) {
        GgufMetadata.Builder metadata = GgufMetadata.builder().set("general.architecture", GgufValue.string(architecture));
        Map.of("block_count", layers, "embedding_length", 32, "context_length", 8192, "attention.head_count", 4, "feed_forward_length", 64,
                "attention.key_length", 8, "attention.value_length", 8, "rope.dimension_count", 8)
                .forEach((name, value) -> metadata.set(architecture + "." + name, GgufValue.integer(GgufType.U32, value)));
        metadata.set(architecture + ".attention.layer_norm_rms_epsilon", GgufValue.real(1e-5f));
        keys.forEach((name, value) -> metadata.set(architecture + "." + name, value));
        ModelSpec spec = ModelSpecs.read(metadata.build(), 100, new ModelSpecs.RopeFactors(List.of(), List.of(), List.of()));
        return spec.layers().stream().map(layer -> layer.attention().window()).toList();
    }

    private static Map<String, GgufValue> window(int window) {
        return Map.of(WINDOW, GgufValue.integer(GgufType.U32, window));
    }

    /** One digit for each layer: 1 with the window. */
    private static String pattern(List<Integer> windows) {
        return windows.stream().map(window -> window > 0 ? "1" : "0").collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource({"gemma2, 101010101010", "gemma3, 111110111110", "gpt-oss, 101010101010", "llama, 000000000000", "mistral3, 000000000000",
            "phi3, 000000000000", "qwen2, 000000000000", "gemma, 000000000000"})
    void everyArchitectureHasItsOwnPattern(String architecture, String expected) {
        List<Integer> windows = windows(architecture, 12, window(512));
        assertEquals(expected, pattern(windows));
        assertTrue(windows.stream().allMatch(window -> window == 0 || window == 512), windows.toString());
    }

    @Test
    void aPatternCanBeAPeriodOrAFlagForEachLayer() {
        Map<String, GgufValue> period = Map.of(WINDOW, GgufValue.integer(GgufType.U32, 64), PATTERN, GgufValue.integer(GgufType.U32, 3));
        assertEquals("110110", pattern(windows("gemma3", 6, period)));
        assertEquals("110110", pattern(windows("gemma2", 6, period)));
        Map<String, GgufValue> flags = Map.of(WINDOW, GgufValue.integer(GgufType.U32, 64), PATTERN,
                GgufValue.bools(false, true, true, false, false, true));
        assertEquals("011001", pattern(windows("gemma3", 6, flags)));
        Map<String, GgufValue> numbers = Map.of(WINDOW, GgufValue.integer(GgufType.U32, 64), PATTERN,
                GgufValue.integers(GgufType.I32, 0, 1, 1, 0, 0, 1));
        assertEquals("011001", pattern(windows("gpt-oss", 6, numbers)));
        assertEquals("111111", pattern(windows("gemma3", 6, Map.of(WINDOW, GgufValue.integer(GgufType.U32, 64), PATTERN,
                GgufValue.integer(GgufType.U32, 0)))), "a period of 0: all layers");
        WinnowException error = assertThrows(WinnowException.class, () -> windows("gemma3", 5, flags));
        assertEquals("The key gemma3.attention.sliding_window_pattern has 6 values, but the model has 5 layers.", error.getMessage());
    }

    @Test
    void missingKeysHaveTheValuesOfLlamaCpp() {
        assertEquals(List.of(4096, 0, 4096), windows("gemma2", 3, Map.of()));
        assertEquals(List.of(0, 0, 0), windows("gemma3", 3, Map.of()), "as in models without windows");
        WinnowException error = assertThrows(WinnowException.class, () -> windows("gpt-oss", 2, Map.of()));
        assertEquals("The key gpt-oss.attention.sliding_window is missing from the model's metadata.", error.getMessage());
    }
}
