package dev.winnow.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufMetadata;
import dev.winnow.core.gguf.GgufType;
import dev.winnow.core.gguf.GgufValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Metadata that would lead to a wrong answer or an exception much later. */
class ModelSpecsTest {

    private static final String ORIGINAL = "llama.rope.scaling.original_context_length";
    private static final GgufValue ZERO = GgufValue.integer(GgufType.U32, 0);

    private static ModelSpec read(String architecture, List<Float> longFactors, Map<String, GgufValue> keys) {
        GgufMetadata.Builder metadata = GgufMetadata.builder().set("general.architecture", GgufValue.string(architecture));
        Map.of("block_count", 4, "embedding_length", 32, "context_length", 8192, "attention.head_count", 4, "feed_forward_length", 64)
                .forEach((name, value) -> metadata.set(architecture + "." + name, GgufValue.integer(GgufType.U32, value)));
        metadata.set(architecture + ".attention.layer_norm_rms_epsilon", GgufValue.real(1e-5f));
        keys.forEach(metadata::set);
        return ModelSpecs.read(metadata.build(), 100, new ModelSpecs.RopeFactors(List.of(), List.of(), longFactors));
    }

    private static String error(List<Float> longFactors, Map<String, GgufValue> keys) {
        WinnowException failure = assertThrows(WinnowException.class, () -> read("llama", longFactors, keys));
        assertEquals(WinnowException.Kind.MODEL, failure.kind());
        return String.valueOf(failure.getMessage());
    }

    @Test
    void factorsForLongContextsAreOneForEachPair() {
        assertEquals("The tensor rope_factors_long.weight has 3 values, but 4 are needed.", error(List.of(1f, 1f, 1f), Map.of()));
        assertEquals(4, read("llama", Collections.nCopies(4, 1f), Map.of()).longFactors().size());
    }

    @Test
    void whatIsScaledByTheOriginalContextNeedsOne() {
        String sentence = "The model scales positions by its original context length, but the key " + ORIGINAL
                + ", or else context_length, is 0.";
        assertEquals(sentence, error(List.of(), Map.of(ORIGINAL, ZERO, "llama.attention.temperature_scale", GgufValue.real(0.1f))));
        assertEquals(sentence, error(List.of(), Map.of("llama.context_length", ZERO, "llama.rope.scaling.type", GgufValue.string("yarn"))));
        assertEquals(sentence, error(Collections.nCopies(4, 1f), Map.of(ORIGINAL, ZERO)));
        assertEquals(0, read("llama", List.of(), Map.of(ORIGINAL, ZERO)).originalContextLength(), "nothing is scaled by it");
    }

    @Test
    void aScalingThatIsNotKnownIsRefused() {
        assertEquals("The key llama.rope.scaling.type is 'dynamic', but must be one of none, linear, yarn, longrope.",
                error(List.of(), Map.of("llama.rope.scaling.type", GgufValue.string("dynamic"))));
    }

    @Test
    void numbersAreFinite() {
        String key = "llama.attention.layer_norm_rms_epsilon";
        assertEquals("The key " + key + " is NaN, which is not a finite number of 32 bits.",
                error(List.of(), Map.of(key, GgufValue.real(Float.NaN))));
        assertEquals("The key " + key + " is Infinity, which is not a finite number of 32 bits.",
                error(List.of(), Map.of(key, GgufValue.real(Float.POSITIVE_INFINITY))));
        assertEquals("The key llama.rope.freq_base is NaN, which is not a finite number of 32 bits.",
                error(List.of(), Map.of("llama.rope.freq_base", GgufValue.real(Float.NaN))));
    }

    @Test
    void suppressedTokensExist() {
        String key = "tokenizer.ggml.suppress_tokens";
        for (int token : new int[]{-1, 100}) {
            assertEquals("The key " + key + " names the token " + token + ", but the model has the tokens 0 to 99.",
                    error(List.of(), Map.of(key, GgufValue.integers(GgufType.I32, 5, token))));
        }
        assertNotNull(read("llama", List.of(), Map.of(key, GgufValue.integers(GgufType.I32, 0, 99))));
    }

    @Test
    void layersWithoutRotaryPositionsHaveNone() {
        ModelSpec everyFourth = read("smollm3", List.of(), Map.of());
        for (int layer = 0; layer < 4; layer++) {
            assertEquals(layer == 3, everyFourth.layers().get(layer).rope() == null);
        }
        assertNull(read("qwen3", List.of(), Map.of("qwen3.rope.dimension_count", ZERO)).layers().getFirst().rope());
    }

    @Test
    void layersWithAWindowHaveTheirOwnBase() {
        GgufValue window = GgufValue.integer(GgufType.U32, 512);
        ModelSpec own = read("gemma2", List.of(), Map.of("gemma2.attention.sliding_window", window, "gemma2.rope.freq_base",
                GgufValue.real(5000f), "gemma2.rope.freq_base_swa", GgufValue.real(20000f)));
        assertEquals(List.of(20000f, 5000f),
                own.layers().stream().limit(2).map(layer -> layer.rope() == null ? 0 : layer.rope().frequencyBase()).toList());
        ModelSpec same = read("gemma2", List.of(),
                Map.of("gemma2.attention.sliding_window", window, "gemma2.rope.freq_base", GgufValue.real(5000f)));
        assertEquals(List.of(5000f, 5000f),
                same.layers().stream().limit(2).map(layer -> layer.rope() == null ? 0 : layer.rope().frequencyBase()).toList());
    }

    /** llama.cpp loads the files that these keys describe if their experts have these widths, and no other ones. */
    @Test
    void expertsHaveTheirOwnWidthOrShareThatOfTheLayer() {
        GgufMetadata.Builder metadata = GgufMetadata.builder().set("general.architecture", GgufValue.string("qwen3moe"))
                .set("qwen3moe.attention.layer_norm_rms_epsilon", GgufValue.real(1e-5f));
        Map.of("block_count", 1, "embedding_length", 32, "context_length", 8192, "attention.head_count", 4, "expert_count", 4,
                "expert_used_count", 2).forEach((name, value) -> metadata.set("qwen3moe." + name, GgufValue.integer(GgufType.U32, value)));
        GgufMetadata neither = metadata.build();
        GgufValue width = GgufValue.integer(GgufType.U32, 192);
        GgufMetadata shared = neither.toBuilder().set("qwen3moe.feed_forward_length", width).build();
        GgufMetadata own = neither.toBuilder().set("qwen3moe.expert_feed_forward_length", width).build();
        assertEquals(96, expertWidth(shared));
        assertEquals(192, expertWidth(own));
        assertEquals(192, expertWidth(shared.toBuilder().set("qwen3moe.expert_feed_forward_length", width).build()));
        assertEquals("The key qwen3moe.feed_forward_length is missing from the model's metadata.",
                assertThrows(WinnowException.class, () -> expertWidth(neither)).getMessage());
    }

    /** llama.cpp divides whole numbers: 32/5 is 6. */
    @Test
    void gemmaOf27BScalesByTheEmbeddingOfAHead() {
        ModelSpec spec = read("gemma2", List.of(), Map.of("gemma2.block_count", GgufValue.integer(GgufType.U32, 46),
                "gemma2.attention.head_count", GgufValue.integer(GgufType.U32, 5), "gemma2.attention.key_length",
                GgufValue.integer(GgufType.U32, 16), "gemma2.attention.value_length", GgufValue.integer(GgufType.U32, 16)));
        assertEquals((float) (1 / Math.sqrt(6)), spec.layers().getFirst().attention().scale());
    }

    private static int expertWidth(GgufMetadata metadata) {
        return ModelSpecs.read(metadata, 100, new ModelSpecs.RopeFactors(List.of(), List.of(), List.of())).layers().getFirst()
                .feedForward().hiddenDim();
    }
}
