package dev.winnow.core.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.winnow.api.Tokenizer;
import dev.winnow.api.WinnowException;
import dev.winnow.core.gguf.GgufFile;
import dev.winnow.spi.contract.MapMetadata;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small vocabularies made for one rule each, and files that contradict themselves. */
final class TokenizersTest {

    private static final long NORMAL = 1;
    private static final long UNKNOWN = 2;
    private static final long CONTROL = 3;
    private static final long USER_DEFINED = 4;
    private static final long UNUSED = 5;
    private static final long BYTE = 6;

    private static MapMetadata metadata() {
        return new MapMetadata("llama", Map.of());
    }

    private static MapMetadata sentencePiece(String... tokens) {
        return metadata().with("tokenizer.ggml.model", "llama").with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.add_space_prefix", false).with("tokenizer.ggml.add_bos_token", false);
    }

    private static MapMetadata byteLevel(String[] tokens, String... merges) {
        return metadata().with("tokenizer.ggml.model", "gpt2").with("tokenizer.ggml.pre", "qwen2")
                .with("tokenizer.ggml.tokens", tokens).with("tokenizer.ggml.merges", merges);
    }

    private static WinnowException failure(MapMetadata metadata) {
        return assertThrows(WinnowException.class, () -> Tokenizers.of(metadata));
    }

    @Test
    void unknownKindsListTheKnownOnes() {
        WinnowException e = failure(sentencePiece("a").with("tokenizer.ggml.model", "t5"));
        assertEquals(WinnowException.Kind.UNSUPPORTED, e.kind());
        assertEquals("The tokenizer 't5' (tokenizer.ggml.model) is not known; known are gemma4, gpt2, llama and none.", e.getMessage());
        assertEquals(WinnowException.Kind.UNSUPPORTED, failure(byteLevel(new String[]{"a"}, "a b").with("tokenizer.ggml.pre", "x")).kind());
    }

    @Test
    void vocabulariesThatContradictThemselves() {
        assertEquals(WinnowException.Kind.MODEL, failure(metadata()).kind());
        assertEquals(WinnowException.Kind.MODEL, failure(metadata().with("tokenizer.ggml.model", "llama")).kind());
        assertEquals(WinnowException.Kind.MODEL, failure(sentencePiece("a", "b").with("tokenizer.ggml.scores", new float[]{1})).kind());
        assertEquals(WinnowException.Kind.MODEL, failure(sentencePiece("a", "b").with("tokenizer.ggml.token_type", new long[]{1})).kind());
        assertEquals(WinnowException.Kind.MODEL, failure(byteLevel(new String[]{"a"})).kind());
    }

    @ParameterizedTest
    @CsvSource({"vocab_scores_short.gguf, 22 scores", "vocab_types_short.gguf, 22 types",
            "missing_tokenizer_model.gguf, tokenizer.ggml.model"})
    void damagedFilesAreRefused(String file, String part) {
        try (GgufFile model = GgufFile.open(Vocabularies.fixture("bad/" + file))) {
            WinnowException e = assertThrows(WinnowException.class, () -> Tokenizers.of(model.metadata()));
            assertEquals(WinnowException.Kind.MODEL, e.kind());
            assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_bos_out_of_range.gguf", "vocab_invalid_utf8_token.gguf", "vocab_duplicate_tokens.gguf",
            "good_spm_vocab.gguf"})
    void odditiesAreNotFatal(String file) {
        try (GgufFile model = GgufFile.open(Vocabularies.fixture("bad/" + file))) {
            Tokenizer tokenizer = Tokenizers.of(model.metadata());
            int[] tokens = tokenizer.encode("ab \uFFFD é<s>", true, true);
            assertFalse(tokenizer.decode(tokens, true).isEmpty());
            assertTrue(tokenizer.bosToken().orElse(0) < tokenizer.vocabularySize());
        }
    }

    @Test
    void specialTokensOutsideOfTheVocabularyDoNotExist() {
        Tokenizer tokenizer = Tokenizers.of(sentencePiece("a").with("tokenizer.ggml.bos_token_id", 9L)
                .with("tokenizer.ggml.add_bos_token", true).with("tokenizer.ggml.add_eos_token", true));
        assertEquals(OptionalInt.empty(), tokenizer.bosToken());
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(new int[]{0}, tokenizer.encode("a", true, true));
    }

    @Test
    void numbersThatAreNoTokensAreRefused() {
        Tokenizer tokenizer = Tokenizers.of(sentencePiece("a"));
        for (int token : new int[]{-1, 1, Integer.MAX_VALUE}) {
            assertEquals(WinnowException.Kind.USAGE, assertThrows(WinnowException.class, () -> tokenizer.tokenText(token)).kind());
            assertThrows(WinnowException.class, () -> tokenizer.decode(new int[]{token}, true));
            assertFalse(tokenizer.isEndOfGeneration(token));
        }
    }

    @Test
    void sentencePieceMergesTheHighestScoreFirst() {
        Tokenizer tokenizer = Tokenizers.of(sentencePiece("<unk>", "a", "b", "c", "ab", "bc", "abc", "aa", "aaa")
                .with("tokenizer.ggml.scores", new float[]{0, 0, 0, 0, -2, -1, -3, -1, -5}));
        assertArrayEquals(new int[]{6}, tokenizer.encode("abc", false, false)); // b c, then a bc
        assertArrayEquals(new int[]{8}, tokenizer.encode("aaa", false, false)); // of two equal pairs the left one, then aa a
        assertArrayEquals(new int[]{7, 7}, tokenizer.encode("aaaa", false, false));
    }

    @Test
    void unknownCharactersAreSpelledByBytesOrBecomeTheUnknownToken() {
        String[] tokens = {"<unk>", "a", "<0xC3>", "<0xA9>"};
        MapMetadata metadata = sentencePiece(tokens).with("tokenizer.ggml.token_type", new long[]{UNKNOWN, NORMAL, BYTE, BYTE});
        Tokenizer tokenizer = Tokenizers.of(metadata);
        assertArrayEquals(new int[]{1, 2, 3, 1}, tokenizer.encode("aéa", false, false));
        assertEquals("aéa", tokenizer.decode(new int[]{1, 2, 3, 1}, false));
        assertArrayEquals(new int[]{0}, tokenizer.encode("b", false, false));
    }

    @Test
    void textNeverBecomesAControlToken() {
        String[] tokens = {"<unk>", "<s>", "</s>", "<", "s", ">", "<s", "/", "</", "</s"};
        MapMetadata metadata = sentencePiece(tokens).with("tokenizer.ggml.token_type",
                new long[]{UNKNOWN, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL});
        Tokenizer tokenizer = Tokenizers.of(metadata);
        assertArrayEquals(new int[]{6, 5}, tokenizer.encode("<s>", false, false)); // the pair exists, but its token is a control token
        assertArrayEquals(new int[]{1}, tokenizer.encode("<s>", false, true));
        BitSet second = new BitSet();
        second.set(3, 6);
        assertArrayEquals(new int[]{1, 6, 5}, Tokenizers.encodePrompt(tokenizer, "<s><s>", second, false));
        second.set(2, 3);
        assertArrayEquals(new int[]{6, 5, 6, 5}, Tokenizers.encodePrompt(tokenizer, "<s><s>", second, false));
    }

    @Test
    void longerSpecialNamesWin() {
        String[] tokens = {"<unk>", "x", "<a>", "<a><b>", "><", "<b>"};
        MapMetadata metadata = sentencePiece(tokens).with("tokenizer.ggml.token_type",
                new long[]{UNKNOWN, NORMAL, USER_DEFINED, USER_DEFINED, USER_DEFINED, CONTROL});
        Tokenizer tokenizer = Tokenizers.of(metadata);
        assertArrayEquals(new int[]{3, 2}, tokenizer.encode("<a><b><a>", false, false));
        assertArrayEquals(new int[]{2, 3}, tokenizer.encode("<a><a><b>", false, false));
        assertArrayEquals(new int[]{5, 2}, tokenizer.encode("<b><a>", false, true)); // both names before the overlapping one
        assertEquals("<a><b>", tokenizer.decode(new int[]{3, 5}, false));
        assertEquals("<a><b><b>", tokenizer.decode(new int[]{3, 5}, true));
    }

    @Test
    void mergesOutsideOfTheVocabularyAreSpelled() {
        Tokenizer tokenizer = Tokenizers.of(byteLevel(new String[]{"a", "b", "c", "bc", "Ġ"}, "a b", "b c", "Ġ a", "broken"));
        assertArrayEquals(new int[]{0, 1, 2}, tokenizer.encode("abc", false, false)); // ab is no token
        assertArrayEquals(new int[]{3}, tokenizer.encode("bc", false, false));
        assertArrayEquals(new int[]{0}, tokenizer.encode(" a", false, false)); // as in llama.cpp only ASCII is spelled
        assertArrayEquals(new int[]{0}, tokenizer.encode("aé", false, false)); // bytes that the vocabulary lacks are dropped
    }

    @Test
    void unusedTokensHaveNoText() {
        Tokenizer tokenizer = Tokenizers
                .of(sentencePiece("a", "<unused>", "").with("tokenizer.ggml.token_type", new long[]{NORMAL, UNUSED, NORMAL}));
        assertEquals("a[EMPTY_2]", tokenizer.decode(new int[]{0, 1, 2}, true));
    }

    @Test
    void channelNamesOfGptOssStayVisibleButNoMessageCanContainThem() {
        String[] tokens = {"<|start|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>", "a", "<", "|", "s", "t", "r", ">"};
        long[] types = {CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL};
        Tokenizer tokenizer = Tokenizers.of(byteLevel(tokens, "a b").with("tokenizer.ggml.token_type", types));
        assertEquals("<|start|>a<|end|>", tokenizer.decode(new int[]{0, 5, 2, 3}, false));
        assertFalse(tokenizer.isEndOfGeneration(2));
        assertTrue(tokenizer.isEndOfGeneration(3) && tokenizer.isEndOfGeneration(4));
        assertArrayEquals(new int[]{0, 5}, tokenizer.encode("<|start|>a", false, false));
        BitSet message = new BitSet();
        message.set(0, 9);
        assertArrayEquals(new int[]{6, 7, 8, 9, 5, 10, 9, 7, 11}, Tokenizers.encodePrompt(tokenizer, "<|start|>", message, false));
    }

    @Test
    void loneSurrogatesBecomeReplacementCharacters() {
        String[] tokens = {"<unk>", "a", "\uFFFD"};
        Tokenizer tokenizer = Tokenizers.of(sentencePiece(tokens));
        assertArrayEquals(new int[]{1, 2, 1, 2}, tokenizer.encode("a\uD800a\uDC00", false, false));
    }
}
